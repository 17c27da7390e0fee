/*
** malloc, calloc, realloc and free as methods of a heap; b:resize; and the
** request that makes a buffer, which contents.c uses too.
*/
#include "requests.h"
#include "argument.h"
#include "misuse.h"
#include "buffer.h"
#include "telling.h"

/*
** {==================================================================
** Making
** ===================================================================
*/

uint64_t request_check_bytes(lua_State *L, const char *what, uint64_t count,
                             enum element type)
{
  if (count > REQUEST_MAX_64 / element_bytes(type))
    luaL_error(L, "pymalloc: %s: %I elements of %s are more than %I bytes",
               what, (LUAI_UACINT)count, element_name(type),
               (LUAI_UACINT)REQUEST_MAX_64);
  return count * element_bytes(type);
}

/*
** A block of zeros. Where nothing distinguishes the two, malloc's fast path
** serves a calloc.
*/
static void *take_zeros(pym_heap *core, uint64_t bytes)
{
  if (bytes > core->fast_threshold)
    return pym_calloc(core, size_of_number(bytes), 1);
  void *taken = pym_malloc(core, (size_t)bytes);
  return taken == NULL ? NULL : memset(taken, 0, (size_t)bytes);
}

static NOINLINE struct buffer *
has_no_memory(lua_State *L, struct binding_heap *heap, uint64_t bytes)
{
  binding_raise_misuse(L, heap);
  (void)binding_no_memory(L, bytes);
  return NULL;
}

struct buffer *request_push_buffer(lua_State *L, enum element type,
                                   uint64_t count, enum filling filling)
{
  struct buffer *buffer = binding_make(L, &binding_buffer_type);
  struct binding_heap *heap = binding_open_heap(L, 1);
  uint64_t bytes = count << element_shift(type);
  binding_check_own(L, heap);
  binding_begin(L, heap, false);
  void *data = filling == FILL_ZERO
                   ? take_zeros(heap->core, bytes)
                   : pym_malloc(heap->core, size_of_number(bytes));
  if (unlikely(data == NULL))
    return has_no_memory(L, heap, bytes);
  buffer->data = data;
  buffer->type = type;
  buffer->count = (size_t)count;
  buffer->heap = heap;
  buffer->is_quiet = binding_is_quiet(heap);
  heap->reference_count++;
  lua_pushvalue(L, 1);
  (void)lua_setiuservalue(L, -2, 1);
  return buffer;
}

/*
** Announcing bytes may run finalizers. A listener that these register is not
** told of the request, which was made before.
*/
int request_finish(lua_State *L, const struct buffer *buffer)
{
  bool has_watching = buffer == NULL || buffer->heap->watching != NULL;
  if (buffer != NULL)
    binding_announce(L, buffer->heap, buffer_bytes(buffer));
  if (unlikely(has_watching))
    binding_tell(L, 1);
  return buffer != NULL ? 1 : 3;
}

/***
** heap:malloc(size): allocates a buffer of type u8. Its bytes are not
** initialized.
** @tparam integer size bytes; 0, and more than the threshold, are served by
** raw
** @treturn pymalloc.Buffer or nil, a message and "ENOMEM"
** @usage
** local block = heap:malloc(24)
** #block --> 24
*/
static int method_malloc(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  uint64_t bytes = binding_check_number(L, 2, "heap:malloc: size");
  return request_finish(
      L, request_push_buffer(L, ELEMENT_u8, bytes, FILL_NOTHING));
}

/***
** heap:calloc(count, size): allocates a buffer of type u8 with count * size
** bytes, all zero.
** @tparam integer count
** @tparam integer size bytes
** @treturn pymalloc.Buffer or nil, a message and "ENOMEM"
** @usage heap:calloc(4, 6):string() == ("\0"):rep(24) --> true
*/
static int method_calloc(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  uint64_t count = binding_check_number(L, 2, "heap:calloc: count");
  uint64_t bytes = binding_check_number(L, 3, "heap:calloc: size");
  if (bytes != 0 && count > REQUEST_MAX_64 / bytes)
    return luaL_error(L, "pymalloc: heap:calloc: %I times %I is more than %I",
                      (LUAI_UACINT)count, (LUAI_UACINT)bytes,
                      (LUAI_UACINT)REQUEST_MAX_64);
  return request_finish(
      L, request_push_buffer(L, ELEMENT_u8, count * bytes, FILL_ZERO));
}

/* }================================================================== */

/*
** {==================================================================
** Resizing and freeing
** ===================================================================
*/

/* The live buffer at index 2. Raises an error if it is not of the heap at 1. */
static struct buffer *check_own_buffer(lua_State *L, const char *what)
{
  const struct binding_heap *heap = binding_open_heap(L, 1);
  struct buffer *buffer = buffer_check_owner(L, 2, what);
  if (buffer->heap != heap)
    luaL_error(L, "pymalloc: %s: the buffer %s belongs to another heap", what,
               buffer_describe(L, buffer));
  return buffer;
}

/* Resizes a buffer. Returns it, or the values of binding_no_memory. */
static int resize(lua_State *L, int index, struct buffer *buffer,
                  uint64_t count, enum filling filling)
{
  size_t old_bytes = buffer_bytes(buffer);
  uint64_t wanted = count * element_bytes(buffer->type);
  size_t bytes = size_of_number(wanted);
  binding_begin(L, buffer->heap, false);
  unsigned char *data = pym_realloc(buffer->heap->core, buffer->data, bytes);
  if (data == NULL) {
    binding_raise_misuse(L, buffer->heap);
    int results = binding_no_memory(L, wanted);
    binding_tell(L, index);
    return results;
  }
  buffer->data = data;
  buffer->count = (size_t)count;
  lua_pushvalue(L, index);
  if (bytes > old_bytes && filling == FILL_ZERO)
    memset(data + old_bytes, 0, bytes - old_bytes);
  if (bytes > old_bytes)
    binding_announce(L, buffer->heap, bytes - old_bytes);
  binding_tell(L, index);
  return 1;
}

/***
** b:resize(count): changes the number of elements, by realloc: the block may
** move. New elements are zero. A slice raises an error.
** @tparam integer count number of elements
** @treturn pymalloc.Buffer b itself; or nil, a message and "ENOMEM", and b is
** unchanged
** @usage
** b:resize(5)
** b[5] --> 0
*/
static int method_resize(lua_State *L)
{
  struct buffer *buffer = buffer_check_owner(L, 1, "b:resize");
  uint64_t count = binding_check_number(L, 2, "b:resize: count");
  (void)request_check_bytes(L, "b:resize", count, buffer->type);
  return resize(L, 1, buffer, count, FILL_ZERO);
}

/***
** heap:realloc(buffer, size): resizes a buffer by realloc: the block may move.
** New bytes are not initialized.
** @tparam pymalloc.Buffer buffer of this heap
** @tparam integer size bytes, a multiple of the element size
** @treturn pymalloc.Buffer the same buffer; or nil, a message and "ENOMEM",
** and the buffer is unchanged
** @usage #heap:realloc(b, 40) --> 10
*/
static int method_realloc(lua_State *L)
{
  struct buffer *buffer = check_own_buffer(L, "heap:realloc");
  uint64_t bytes = binding_check_number(L, 3, "heap:realloc: size");
  if (bytes % element_bytes(buffer->type) != 0)
    return luaL_error(
        L,
        "pymalloc: heap:realloc: %I bytes are not a whole number of "
        "%s",
        (LUAI_UACINT)bytes, element_name(buffer->type));
  return resize(L, 2, buffer, bytes / element_bytes(buffer->type),
                FILL_NOTHING);
}

/***
** heap:free(buffer): frees the block of a buffer, as b:free() does.
** @tparam pymalloc.Buffer buffer of this heap
** @usage
** heap:free(b)
** b[1] --> error: the buffer i32[3] was freed
*/
static int method_free(lua_State *L)
{
  struct buffer *buffer = check_own_buffer(L, "heap:free");
  buffer_free(L, buffer);
  binding_tell(L, 1);
  return 0;
}

/* }================================================================== */

const luaL_Reg binding_request_methods[] = {{"malloc", method_malloc},
                                            {"calloc", method_calloc},
                                            {"realloc", method_realloc},
                                            {"free", method_free},
                                            {NULL, NULL}};

const luaL_Reg buffer_memory_methods[] = {{"resize", method_resize},
                                          {NULL, NULL}};
