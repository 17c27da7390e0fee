/*
** The methods of heaps that make, resize and free buffers.
*/
#include <limits.h>

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

enum filling { FILL_NOTHING, FILL_ZERO };

/* Checks a count of elements, whose bytes must not pass PTRDIFF_MAX. */
static size_t check_bytes(lua_State *L, const char *what, size_t count,
                          enum element type)
{
  if (count > REQUEST_MAX / element_bytes(type))
    luaL_error(L, "pymalloc: %s: %I elements of %s are more than %I bytes",
               what, (LUAI_UACINT)count, element_name(type),
               (LUAI_UACINT)REQUEST_MAX);
  return count * element_bytes(type);
}

/*
** Pushes a buffer of the heap that is argument 1. If there is no memory, pushes
** the values of binding_no_memory and returns NULL.
*/
static struct buffer *push_buffer(lua_State *L, enum element type, size_t count,
                                  enum filling filling)
{
  struct buffer *buffer = binding_new(L, &binding_buffer_type);
  struct binding_heap *heap = binding_open_heap(L, 1);
  size_t bytes = element_bytes(type);
  binding_check_own(L, heap);
  binding_begin(L, heap, false);
  void *data = filling == FILL_ZERO ? pym_calloc(heap->core, count, bytes)
                                    : pym_malloc(heap->core, count * bytes);
  if (data == NULL) {
    binding_raise_misuse(L, heap);
    (void)binding_no_memory(L, count * bytes);
    return NULL;
  }
  buffer->data = data;
  buffer->type = type;
  buffer->count = count;
  buffer->heap = heap;
  buffer->is_quiet = binding_is_quiet(heap);
  heap->reference_count++;
  lua_pushvalue(L, 1);
  (void)lua_setiuservalue(L, -2, 1);
  return buffer;
}

/* Ends a method after new_buffer, whose result 'buffer' is. */
static int finish(lua_State *L, const struct buffer *buffer)
{
  if (buffer != NULL)
    binding_announce(L, buffer->heap, buffer_bytes(buffer));
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
  size_t bytes = binding_check_size(L, 2, "heap:malloc: size");
  return finish(L, push_buffer(L, ELEMENT_u8, bytes, FILL_NOTHING));
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
  size_t count = binding_check_size(L, 2, "heap:calloc: count");
  size_t bytes = binding_check_size(L, 3, "heap:calloc: size");
  if (bytes != 0 && count > REQUEST_MAX / bytes)
    return luaL_error(L, "pymalloc: heap:calloc: %I times %I is more than %I",
                      (LUAI_UACINT)count, (LUAI_UACINT)bytes,
                      (LUAI_UACINT)REQUEST_MAX);
  return finish(L, push_buffer(L, ELEMENT_u8, count * bytes, FILL_ZERO));
}

/* }================================================================== */

/*
** {==================================================================
** heap:buffer(type, contents); argument 3 is the contents
** ===================================================================
*/

static enum element check_type(lua_State *L, int index, const char *what)
{
  enum element type = element_find(binding_to_word(L, index));
  if (type != ELEMENT_COUNT)
    return type;
  luaL_error(L, "pymalloc: %s: type must be one of %s, got %s", what,
             ELEMENT_TYPES, binding_quote(L, index));
  return ELEMENT_COUNT;
}

static int buffer_of_zeros(lua_State *L, enum element type)
{
  size_t count = binding_check_size(L, 3, "heap:buffer: count");
  (void)check_bytes(L, "heap:buffer", count, type);
  return finish(L, push_buffer(L, type, count, FILL_ZERO));
}

/* Makes a buffer of a string of bytes, as b:string() returns them. */
static int buffer_of_string(lua_State *L, enum element type)
{
  size_t bytes = lua_rawlen(L, 3), bytes_now = 0;
  size_t count = bytes / element_bytes(type);
  if (bytes % element_bytes(type) != 0)
    return luaL_error(L,
                      "pymalloc: heap:buffer: a string of %I bytes is no whole "
                      "number of %s",
                      (LUAI_UACINT)bytes, element_name(type));
  const struct buffer *buffer = push_buffer(L, type, count, FILL_NOTHING);
  const char *string = lua_tolstring(L, 3, &bytes_now);
  if (buffer != NULL && bytes_now == bytes)
    memcpy(buffer->data, string, bytes);
  return finish(L, buffer);
}

static void check_element(lua_State *L, enum element type, size_t position)
{
  unsigned char scratch[ELEMENT_BYTES_MAX];
  if (!element_store(L, -1, type, scratch))
    luaL_error(L, "pymalloc: heap:buffer: element %I: %s",
               (LUAI_UACINT)position, element_complain(L, lua_gettop(L), type));
}

static void check_table(lua_State *L)
{
  if (!lua_istable(L, 3))
    luaL_error(L, "pymalloc: heap:buffer: the table is gone");
}

/*
** Replaces a table that has metamethods by a plain copy of its elements. The
** metamethods may do anything, so they are called before the block is made.
*/
static void copy_table(lua_State *L, enum element type)
{
  lua_Integer count = luaL_len(L, 3);
  int copy = lua_gettop(L) + 1;
  lua_newtable(L);
  for (lua_Integer i = 1; i <= count; i++) {
    (void)lua_geti(L, 3, i);
    check_element(L, type, (size_t)i);
    if (!lua_istable(L, copy))
      luaL_error(L, "pymalloc: heap:buffer: the copy is gone");
    lua_rawseti(L, copy, i);
  }
  lua_replace(L, 3);
}

static void check_elements(lua_State *L, enum element type, size_t count)
{
  for (size_t i = 1; i <= count; i++) {
    (void)lua_rawgeti(L, 3, (lua_Integer)i);
    check_element(L, type, i);
    lua_pop(L, 1);
  }
}

/* Makes no Lua object, unless an element is refused. */
static void store_elements(lua_State *L, const struct buffer *buffer)
{
  size_t bytes = element_bytes(buffer->type);
  check_table(L);
  for (size_t i = 0; i < buffer->count; i++) {
    (void)lua_rawgeti(L, 3, (lua_Integer)i + 1);
    if (!element_store(L, -1, buffer->type, buffer->data + i * bytes))
      check_element(L, buffer->type, i + 1);
    lua_pop(L, 1);
  }
}

static int buffer_of_table(lua_State *L, enum element type)
{
  if (lua_getmetatable(L, 3)) {
    lua_settop(L, 3);
    copy_table(L, type);
  }
  check_table(L);
  size_t count = lua_rawlen(L, 3);
  (void)check_bytes(L, "heap:buffer", count, type);
  check_elements(L, type, count);
  const struct buffer *buffer = push_buffer(L, type, count, FILL_NOTHING);
  if (buffer != NULL)
    store_elements(L, buffer);
  return finish(L, buffer);
}

/***
** heap:buffer(type, contents): allocates a buffer. An element that the type
** cannot hold, and a string whose length is no multiple of the element size,
** raises an error.
** @tparam string type i8 u8 i16 u16 i32 u32 i64 u64 f32 f64
** @tparam integer|table|string contents the number of elements, which are then
** zero; or a table of the elements; or a string of their bytes, as b:string()
** returns it
** @treturn pymalloc.Buffer or nil, a message and "ENOMEM"
** @usage
** heap:buffer("i32", 10)[10] --> 0
** heap:buffer("f64", { 1, 2.5 })[2] --> 2.5
** #heap:buffer("u16", "abcd") --> 2
*/
static int method_buffer(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  enum element type = check_type(L, 2, "heap:buffer");
  lua_settop(L, 3);
  switch (lua_type(L, 3)) {
  case LUA_TNUMBER:
    return buffer_of_zeros(L, type);
  case LUA_TSTRING:
    return buffer_of_string(L, type);
  case LUA_TTABLE:
    return buffer_of_table(L, type);
  default:
    return luaL_error(L,
                      "pymalloc: heap:buffer: contents must be a count, a "
                      "table or a string, got %s",
                      binding_describe(L, 3));
  }
}

/***
** heap:buffers(type, n, count): allocates count buffers of zeros. One call is
** faster than count calls of heap:buffer.
** @tparam string type as in heap:buffer
** @tparam integer n number of elements of each buffer
** @tparam integer count number of buffers
** @treturn pymalloc.Buffer[] or nil, a message and "ENOMEM"; then none is
** allocated
** @usage #heap:buffers("f64", 3, 100) --> 100
*/
static int method_buffers(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  enum element type = check_type(L, 2, "heap:buffers");
  size_t n = binding_check_size(L, 3, "heap:buffers: n");
  lua_Integer count =
      binding_check_integer(L, 4, "heap:buffers: count", 0, INT_MAX);
  size_t bytes = check_bytes(L, "heap:buffers", n, type);
  lua_settop(L, 4);
  lua_createtable(L, (int)count, 0);
  for (lua_Integer i = 1; i <= count; i++) {
    if (push_buffer(L, type, n, FILL_ZERO) == NULL)
      return finish(L, NULL);
    if (!lua_istable(L, 5))
      return luaL_error(L, "pymalloc: heap:buffers: the result is gone");
    lua_rawseti(L, 5, i);
  }
  binding_announce(L, binding_open_heap(L, 1), bytes * (size_t)count);
  binding_tell(L, 1);
  lua_settop(L, 5);
  return 1;
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
static int resize(lua_State *L, int index, struct buffer *buffer, size_t count,
                  enum filling filling)
{
  size_t old_bytes = buffer_bytes(buffer);
  size_t bytes = count * element_bytes(buffer->type);
  binding_begin(L, buffer->heap, false);
  unsigned char *data = pym_realloc(buffer->heap->core, buffer->data, bytes);
  if (data == NULL) {
    binding_raise_misuse(L, buffer->heap);
    int results = binding_no_memory(L, bytes);
    binding_tell(L, index);
    return results;
  }
  buffer->data = data;
  buffer->count = count;
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
  size_t count = binding_check_size(L, 2, "b:resize: count");
  (void)check_bytes(L, "b:resize", count, buffer->type);
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
  size_t bytes = binding_check_size(L, 3, "heap:realloc: size");
  if (bytes % element_bytes(buffer->type) != 0)
    return luaL_error(L,
                      "pymalloc: heap:realloc: %I bytes are no whole number of "
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

const luaL_Reg binding_request_methods[] = {{"buffer", method_buffer},
                                            {"buffers", method_buffers},
                                            {"malloc", method_malloc},
                                            {"calloc", method_calloc},
                                            {"realloc", method_realloc},
                                            {"free", method_free},
                                            {NULL, NULL}};

const luaL_Reg buffer_memory_methods[] = {{"resize", method_resize},
                                          {NULL, NULL}};
