/*
** The methods of a heap that make buffers of a type: heap:buffer, of zeros, of
** the elements of a table or of the bytes of a string; and heap:buffers. In
** heap:buffer, argument 3 is the contents.
*/
#include <limits.h>

#include "requests.h"
#include "argument.h"
#include "telling.h"

static enum element check_type(lua_State *L, int index, const char *what)
{
  enum element type = element_named(L, index);
  if (type != ELEMENT_COUNT)
    return type;
  luaL_error(L, "pymalloc: %s: type must be one of %s, got %s", what,
             ELEMENT_TYPES, binding_quote(L, index));
  return ELEMENT_COUNT;
}

static int buffer_of_zeros(lua_State *L, enum element type)
{
  uint64_t count = binding_check_number(L, 3, "heap:buffer: count");
  (void)request_check_bytes(L, "heap:buffer", count, type);
  return request_finish(L, request_push_buffer(L, type, count, FILL_ZERO));
}

/*
** Is the value an integer that is a number of elements of any type? If so,
** stores it.
*/
static inline bool to_count(lua_State *L, int index, uint64_t *count)
{
  if (!lua_isinteger(L, index))
    return false;
  *count = (uint64_t)lua_tointeger(L, index);
  return *count <= REQUEST_MAX_64 / ELEMENT_BYTES_MAX;
}

/* Makes a buffer of a string of bytes, as b:string() returns them. */
static int buffer_of_string(lua_State *L, enum element type)
{
  size_t bytes = (size_t)lua_rawlen(L, 3), bytes_now = 0;
  size_t count = bytes / element_bytes(type);
  if (bytes % element_bytes(type) != 0)
    return luaL_error(
        L,
        "pymalloc: heap:buffer: a string of %I bytes is not a whole "
        "number of %s",
        (LUAI_UACINT)bytes, element_name(type));
  const struct buffer *buffer =
      request_push_buffer(L, type, count, FILL_NOTHING);
  const char *string = lua_tolstring(L, 3, &bytes_now);
  if (buffer != NULL && bytes_now == bytes)
    memcpy(buffer->data, string, bytes);
  return request_finish(L, buffer);
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

/* The length of a table that has metamethods. */
static size_t check_length(lua_State *L)
{
  lua_Integer count = luaL_len(L, 3);
  if (count < 0)
    luaL_error(L, "pymalloc: heap:buffer: the table has %I elements",
               (LUAI_UACINT)count);
  return size_of_number((uint64_t)count);
}

/* The copy that is the value at 4, made of 'bytes' bytes. */
static unsigned char *check_copy(lua_State *L, size_t bytes)
{
  unsigned char *copy = lua_touserdata(L, 4);
  if (copy == NULL || lua_rawlen(L, 4) != bytes)
    luaL_error(L, "pymalloc: heap:buffer: the copy is gone");
  return copy;
}

/*
** Makes a buffer of a table that has metamethods. They may do anything, so they
** are called before the block is made, and the elements are copied. The copy is
** as long as the buffer, so that a length which lies costs no more memory than
** a count.
*/
static int buffer_of_proxy(lua_State *L, enum element type)
{
  size_t count = check_length(L);
  size_t bytes =
      size_of_number(request_check_bytes(L, "heap:buffer", count, type));
  (void)binding_push_scratch(L, bytes);
  for (size_t i = 0; i < count; i++) {
    (void)lua_geti(L, 3, (lua_Integer)i + 1);
    check_element(L, type, i + 1);
    (void)element_store(L, -1, type,
                        check_copy(L, bytes) + i * element_bytes(type));
    lua_pop(L, 1);
  }
  const struct buffer *buffer =
      request_push_buffer(L, type, count, FILL_NOTHING);
  if (buffer != NULL)
    memcpy(buffer->data, check_copy(L, bytes), bytes);
  return request_finish(L, buffer);
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
    return buffer_of_proxy(L, type);
  }
  check_table(L);
  size_t count = (size_t)lua_rawlen(L, 3);
  (void)request_check_bytes(L, "heap:buffer", count, type);
  check_elements(L, type, count);
  const struct buffer *buffer =
      request_push_buffer(L, type, count, FILL_NOTHING);
  if (buffer != NULL)
    store_elements(L, buffer);
  return request_finish(L, buffer);
}

/***
** heap:buffer(type, contents): allocates a buffer. An element that the type
** cannot hold, and a string whose length is not a multiple of the element size,
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
  uint64_t count;
  enum element type = element_named(L, 2);
  if (likely(type != ELEMENT_COUNT && to_count(L, 3, &count)))
    return request_finish(L, request_push_buffer(L, type, count, FILL_ZERO));
  (void)binding_check_heap(L, 1);
  type = check_type(L, 2, "heap:buffer");
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
  uint64_t n = binding_check_number(L, 3, "heap:buffers: n");
  lua_Integer count =
      binding_check_integer(L, 4, "heap:buffers: count", 0, INT_MAX);
  uint64_t bytes = request_check_bytes(L, "heap:buffers", n, type);
  lua_settop(L, 4);
  lua_createtable(L, (int)count, 0);
  for (lua_Integer i = 1; i <= count; i++) {
    if (request_push_buffer(L, type, n, FILL_ZERO) == NULL)
      return request_finish(L, NULL);
    if (!lua_istable(L, 5))
      return luaL_error(L, "pymalloc: heap:buffers: the result is gone");
    lua_rawseti(L, 5, i);
  }
  binding_announce(L, binding_open_heap(L, 1), (size_t)bytes * (size_t)count);
  binding_tell(L, 1);
  lua_settop(L, 5);
  return 1;
}

const luaL_Reg binding_contents_methods[] = {
    {"buffer", method_buffer}, {"buffers", method_buffers}, {NULL, NULL}};
