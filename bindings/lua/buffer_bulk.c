/*
** Methods for many elements of a buffer at once: fill, byteswap, totable,
** string.
*/
#include <limits.h>

#include "argument.h"
#include "buffer.h"

/* Repeats the first bytes: each copy is twice as long as the one before. */
static void repeat(unsigned char *data, size_t done, size_t bytes)
{
  while (done < bytes) {
    size_t more = done < bytes - done ? done : bytes - done;
    memcpy(data + done, data, more);
    done += more;
  }
}

/***
** b:fill(value [, first [, last]]): sets elements to the value.
** @tparam number value one that the type can hold; another raises an error
** @tparam[opt] integer first index, default 1
** @tparam[opt] integer last default #b; first - 1 sets none
** @treturn pymalloc.Buffer b itself
** @usage
** b:fill(7)[3] --> 7
** table.concat(b:fill(0, 2), " ") --> 7 0 0
*/
static int fill(lua_State *L)
{
  unsigned char value[ELEMENT_BYTES_MAX];
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  if (!element_store(L, 2, buffer->type, value))
    return luaL_error(L, "pymalloc: b:fill: %s",
                      element_complain(L, 2, buffer->type));
  span = buffer_range(L, 3, BUFFER_RANGE("b:fill"), span, buffer->type);
  if (span.count > 0) {
    memcpy(span.data, value, element_bytes(buffer->type));
    repeat(span.data, element_bytes(buffer->type),
           span_bytes(span, buffer->type));
  }
  lua_settop(L, 1);
  return 1;
}

static void swap_bytes(unsigned char *element, size_t bytes)
{
  for (size_t i = 0; i < bytes / 2; i++) {
    unsigned char low = element[i];
    element[i] = element[bytes - 1 - i];
    element[bytes - 1 - i] = low;
  }
}

/***
** b:byteswap([first [, last]]): reverses the bytes of each element, which turns
** big-endian numbers into little-endian ones and back.
** @tparam[opt] integer first index, default 1
** @tparam[opt] integer last default #b
** @treturn pymalloc.Buffer b itself
** @usage heap:buffer("u16", { 1, 258 }):byteswap():totable() --> { 256, 513 }
*/
static int byteswap(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_range(L, 2, BUFFER_RANGE("b:byteswap"),
                                  buffer_span(L, 1, buffer), buffer->type);
  switch (element_shift(buffer->type)) {
  case 1:
    for (size_t i = 0; i < span.count; i++)
      swap_bytes(span.data + 2 * i, 2);
    break;
  case 2:
    for (size_t i = 0; i < span.count; i++)
      swap_bytes(span.data + 4 * i, 4);
    break;
  case 3:
    for (size_t i = 0; i < span.count; i++)
      swap_bytes(span.data + 8 * i, 8);
    break;
  default:
    break;
  }
  lua_settop(L, 1);
  return 1;
}

/***
** b:totable([first [, last]]): copies elements into a table.
** @tparam[opt] integer first index, default 1
** @tparam[opt] integer last default #b
** @treturn table
** @usage
** table.unpack(b:totable()) --> 10 20 30
** #b:totable(2) --> 2
*/
static int totable(lua_State *L)
{
  lua_settop(L, 3);
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_range(L, 2, BUFFER_RANGE("b:totable"),
                                  buffer_span(L, 1, buffer), buffer->type);
  lua_createtable(L, span.count < INT_MAX ? (int)span.count : 0, 0);
  buffer = buffer_check(L, 1);
  span = buffer_range(L, 2, BUFFER_RANGE("b:totable"),
                      buffer_span(L, 1, buffer), buffer->type);
  if (!lua_istable(L, 4))
    return luaL_error(L, "pymalloc: b:totable: the table is gone");
  for (size_t i = 0; i < span.count; i++) {
    element_push(L, buffer->type, span.data, i);
    lua_rawseti(L, 4, (lua_Integer)i + 1);
  }
  return 1;
}

/***
** b:string([first [, last]]): the bytes of elements, in the byte order of the
** machine. They are copied, also in Lua 5.5: the bytes of its external strings
** must not change while the string lives, and those of a buffer can be written.
** @tparam[opt] integer first index, default 1
** @tparam[opt] integer last default #b
** @treturn string
** @usage
** #b:string() --> 12
** b:view("u8"):fill(65):string(3, 5) --> AAA
*/
static int string(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_range(L, 2, BUFFER_RANGE("b:string"),
                                  buffer_span(L, 1, buffer), buffer->type);
  lua_pushlstring(L, (const char *)span.data, span_bytes(span, buffer->type));
  return 1;
}

const luaL_Reg buffer_bulk_methods[] = {{"fill", fill},
                                        {"byteswap", byteswap},
                                        {"totable", totable},
                                        {"string", string},
                                        {NULL, NULL}};
