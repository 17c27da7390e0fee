/*
** Methods that make slices: parts of a buffer, of the same or another type.
*/
#include "argument.h"
#include "buffer.h"

/* Makes the new buffer at 'made' a slice of the one at index 1. */
static void make_slice(lua_State *L, int made_index, struct buffer *made,
                       const struct buffer *buffer)
{
  made->is_slice = true;
  made->owner_type =
      buffer->is_slice ? buffer->owner_type : (unsigned char)buffer->type;
  if (buffer->is_slice)
    (void)lua_getiuservalue(L, 1, 1);
  else
    lua_pushvalue(L, 1);
  (void)lua_setiuservalue(L, made_index, 1);
}

/***
** b:slice(first [, last]): the elements from first to last as a buffer that
** shares their memory. The slice keeps b alive. With last = first - 1 it is
** empty. An index out of range raises an error.
** @tparam integer first
** @tparam[opt] integer last default #b
** @treturn pymalloc.Buffer it has no block of its own, so it cannot be freed
** or resized
** @usage
** local tail = b:slice(2)
** tail[1] = 99
** b[2] --> 99
*/
static int slice(lua_State *L)
{
  lua_settop(L, 3);
  struct buffer *made = binding_make(L, &binding_buffer_type);
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  if (lua_isnil(L, 2))
    (void)binding_check_size(L, 2, "b:slice: first");
  struct span part =
      buffer_range(L, 2, BUFFER_RANGE("b:slice"), span, buffer->type);
  made->type = buffer->type;
  made->count = part.count;
  made->first_byte = buffer->first_byte + (size_t)(part.data - span.data);
  make_slice(L, 4, made, buffer);
  return 1;
}

static enum element check_type(lua_State *L)
{
  enum element type = element_named(L, 2);
  if (type != ELEMENT_COUNT)
    return type;
  luaL_error(L, "pymalloc: b:view: type must be one of %s, got %s",
             ELEMENT_TYPES, binding_quote(L, 2));
  return ELEMENT_COUNT;
}

/* The number of elements in all bytes of a view. */
static size_t whole_count(lua_State *L, enum element type, size_t bytes)
{
  if (bytes % element_bytes(type) != 0)
    luaL_error(L, "pymalloc: b:view: %I bytes are not a whole number of %s",
               (LUAI_UACINT)bytes, element_name(type));
  return bytes >> element_shift(type);
}

/***
** b:view(type [, offset [, count]]): the same bytes as a buffer of another
** type. It is a slice: it shares the memory of b, keeps b alive, and follows it
** when it is resized. While b is too short for it, or once b is freed, each use
** raises an error.
** @tparam string type as in heap:buffer
** @tparam[opt] integer offset bytes of b before the first element, default 0;
** any offset is allowed, as elements need not be aligned
** @tparam[opt] integer count number of elements; by default all bytes from the
** offset on, which must be a whole number of elements
** @treturn pymalloc.Buffer it has no block of its own, so it cannot be freed
** or resized
** @usage
** b:view("u8", 4):totable() --> { 20, 0, 0, 0, 30, 0, 0, 0 }
** b:view("u16", 2, 1)[1] = 1
** b[1] --> 65546
*/
static int view(lua_State *L)
{
  lua_settop(L, 4);
  struct buffer *made = binding_make(L, &binding_buffer_type);
  const struct buffer *buffer = buffer_check(L, 1);
  size_t bytes = span_bytes(buffer_span(L, 1, buffer), buffer->type);
  enum element type = check_type(L);
  lua_Integer offset = 0;
  if (!lua_isnil(L, 3))
    offset =
        binding_check_integer(L, 3, "b:view: offset", 0, (lua_Integer)bytes);
  bytes -= (size_t)offset;
  made->type = type;
  made->count = lua_isnil(L, 4)
                    ? whole_count(L, type, bytes)
                    : (size_t)binding_check_integer(
                          L, 4, "b:view: count", 0,
                          (lua_Integer)(bytes >> element_shift(type)));
  made->first_byte = buffer->first_byte + (size_t)offset;
  make_slice(L, 5, made, buffer);
  return 1;
}

const luaL_Reg buffer_slice_methods[] = {
    {"slice", slice}, {"view", view}, {NULL, NULL}};
