/*
** pymalloc.Buffer: the type; finding the elements of a buffer; its end.
*/
#include "misuse.h"
#include "buffer.h"
#include "telling.h"

const struct binding_type binding_buffer_type = {
    "pymalloc.Buffer", UINT64_C(0xb0ffe35ad16f7c21), sizeof(struct buffer)};

/*
** {==================================================================
** Where the elements are
** ===================================================================
*/

/***
** pymalloc.Buffer: numbers of one type, in a block of a heap. b[i] reads and
** b[i] = v writes element i, from 1 to #b. b[#b + 1] reads nil, so that ipairs
** ends; any other index out of range, and a value that the type cannot hold,
** raises an error. The block is freed by b:free(), at the end of a variable
** with <close>, or when the buffer is garbage.
** @tfield string type i8 u8 i16 u16 i32 u32 i64 u64 f32 f64; a u64 is read and
** written as the Lua integer with the same 64 bits
*/

/*
** The user value of a slice should be its buffer, but debug.setuservalue can
** change it, so it is checked. A slice in its place is not a buffer with a
** block.
*/
static enum buffer_state look_at_slice(lua_State *L, int index,
                                       const struct buffer *slice,
                                       struct span *span)
{
  (void)lua_getiuservalue(L, index, 1);
  const struct buffer *owner = binding_test(L, -1, &binding_buffer_type);
  lua_pop(L, 1);
  if (owner == NULL || owner->type != slice->owner_type)
    return BUFFER_FREED;
  enum buffer_state state = buffer_look_at_owner(owner, span);
  if (state != BUFFER_LIVE)
    return state;
  size_t bytes = span_bytes(*span, owner->type);
  if (slice->first_byte > bytes ||
      buffer_bytes(slice) > bytes - slice->first_byte)
    return BUFFER_CUT;
  span->data += slice->first_byte;
  span->count = slice->count;
  return BUFFER_LIVE;
}

enum buffer_state buffer_look(lua_State *L, int index,
                              const struct buffer *buffer, struct span *span)
{
  return buffer->is_slice ? look_at_slice(L, index, buffer, span)
                          : buffer_look_at_owner(buffer, span);
}

bool buffer_push_heap(lua_State *L, int index, const struct buffer *buffer)
{
  (void)lua_getiuservalue(L, index, 1);
  if (buffer->is_slice && binding_test(L, -1, &binding_buffer_type) != NULL)
    (void)lua_getiuservalue(L, -1, 1);
  return binding_test_heap(L, -1) != NULL;
}

const char *buffer_describe(lua_State *L, const struct buffer *buffer)
{
  return lua_pushfstring(L, "%s[%I]", element_name(buffer->type),
                         (LUAI_UACINT)buffer->count);
}

static int fail(lua_State *L, const struct buffer *buffer,
                enum buffer_state state)
{
  static const char *const formats[] = {
      [BUFFER_LIVE] = "pymalloc: the buffer %s is live",
      [BUFFER_FREED] = "pymalloc: the buffer %s was freed",
      [BUFFER_CLOSED] = "pymalloc: the heap of this buffer is closed (%s)",
      [BUFFER_CUT] = "pymalloc: the slice %s reaches beyond its buffer"};
  static const char *const slice_freed =
      "pymalloc: the buffer of this slice was freed (%s)";
  bool is_freed_slice = buffer->is_slice && state == BUFFER_FREED;
  return luaL_error(L, is_freed_slice ? slice_freed : formats[state],
                    buffer_describe(L, buffer));
}

struct span buffer_span(lua_State *L, int index, const struct buffer *buffer)
{
  struct span span = {0};
  enum buffer_state state = buffer_look(L, index, buffer, &span);
  if (state != BUFFER_LIVE)
    fail(L, buffer, state);
  return span;
}

struct buffer *buffer_check_owner(lua_State *L, int index, const char *what)
{
  struct buffer *buffer = buffer_check(L, index);
  if (buffer->is_slice)
    luaL_error(L, "pymalloc: %s: a slice has no block of its own", what);
  (void)buffer_span(L, index, buffer);
  return buffer;
}

/* }================================================================== */

/*
** {==================================================================
** End of life
** ===================================================================
*/

/*
** Frees the block. If a checked heap refuses that with a report of misuse, the
** buffer has no block any more all the same.
*/
static void give_back(struct buffer *buffer)
{
  struct binding_heap *heap = buffer->heap;
  size_t bytes = buffer_bytes(buffer);
  pym_free_sized(heap->core, buffer->data, bytes);
  buffer->data = NULL;
  heap->unannounced_bytes -=
      bytes < heap->unannounced_bytes ? bytes : heap->unannounced_bytes;
}

void buffer_free(lua_State *L, struct buffer *buffer)
{
  binding_begin(L, buffer->heap, false);
  give_back(buffer);
  binding_raise_misuse(L, buffer->heap);
}

static bool is_live(const struct buffer *buffer)
{
  struct span span;
  return !buffer->is_slice &&
         buffer_look_at_owner(buffer, &span) == BUFFER_LIVE;
}

/***
** b:free(): frees the block. Any later use of the buffer or of its slices
** raises an error, also a second free.
** @usage
** b:free()
** b --> pymalloc.Buffer i32[3] freed
*/
static int method_free(lua_State *L)
{
  struct buffer *buffer = buffer_check_owner(L, 1, "b:free");
  buffer_free(L, buffer);
  binding_tell(L, 1);
  return 0;
}

/* For __close: frees the buffer, unless it is freed already or a slice. */
static int close_variable(lua_State *L)
{
  struct buffer *buffer = buffer_check(L, 1);
  if (is_live(buffer))
    buffer_free(L, buffer);
  binding_tell(L, 1);
  return 0;
}

static int finalize(lua_State *L)
{
  struct buffer *buffer = binding_test(L, 1, &binding_buffer_type);
  if (buffer == NULL || buffer->heap == NULL)
    return 0;
  if (is_live(buffer)) {
    binding_begin(L, buffer->heap, buffer->is_quiet);
    give_back(buffer);
    binding_warn_misuse(L, buffer->heap);
  }
  buffer->data = NULL;
  binding_release_heap(buffer->heap);
  buffer->heap = NULL;
  return 0;
}

/* }================================================================== */

static int tostring(lua_State *L)
{
  struct span span = {0};
  pym_location at;
  const struct buffer *buffer = buffer_check(L, 1);
  const char *what = buffer_describe(L, buffer);
  switch (buffer_look(L, 1, buffer, &span)) {
  case BUFFER_LIVE:
    if (buffer_push_heap(L, 1, buffer) &&
        pym_locate(binding_check_heap(L, -1), span.data, &at))
      lua_pushfstring(L, "pymalloc.Buffer %s at %I:%I:%I", what,
                      (LUAI_UACINT)at.arena, (LUAI_UACINT)at.pool,
                      (LUAI_UACINT)at.offset);
    else
      lua_pushfstring(L, "pymalloc.Buffer %s raw", what);
    break;
  case BUFFER_FREED:
    lua_pushfstring(L, "pymalloc.Buffer %s freed", what);
    break;
  case BUFFER_CLOSED:
    lua_pushfstring(L, "pymalloc.Buffer %s of a closed heap", what);
    break;
  case BUFFER_CUT:
    lua_pushfstring(L, "pymalloc.Buffer %s beyond its buffer", what);
    break;
  }
  return 1;
}

static const luaL_Reg functions[] = {
    {"__index", buffer_index},   {"__newindex", buffer_new_index},
    {"__len", buffer_length},    {"__pairs", buffer_iter},
    {"__tostring", tostring},    {"__gc", finalize},
    {"__close", close_variable}, {NULL, NULL}};

static const luaL_Reg methods[] = {
    {"free", method_free}, {"iter", buffer_iter}, {NULL, NULL}};

static const luaL_Reg *const more_methods[] = {
    buffer_bits_methods,  buffer_bulk_methods,   buffer_copy_methods,
    buffer_file_methods,  buffer_memory_methods, buffer_pack_methods,
    buffer_place_methods, buffer_search_methods, buffer_unpack_methods};

void binding_open_buffer_type(lua_State *L)
{
  binding_new_type(L, &binding_buffer_type, functions);
  luaL_setfuncs(L, methods, 0);
  binding_set_makers(L, &binding_buffer_type, buffer_slice_methods);
  for (size_t i = 0; i < sizeof more_methods / sizeof more_methods[0]; i++)
    luaL_setfuncs(L, more_methods[i], 0);
}
