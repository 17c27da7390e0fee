/*
** Methods for many elements of a buffer at once: fill, copy, totable, string.
*/
#include <limits.h>

#include "argument.h"
#include "type.h"
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
** b:fill(value): sets every element to the value.
** @tparam number value one that the type can hold; another raises an error
** @treturn pymalloc.Buffer b itself
** @usage b:fill(7)[3] --> 7
*/
static int fill(lua_State *L)
{
  unsigned char value[ELEMENT_BYTES_MAX];
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  size_t bytes = element_bytes(buffer->type);
  if (!element_store(L, 2, buffer->type, value))
    return luaL_error(L, "pymalloc: b:fill: %s",
                      element_complain(L, 2, buffer->type));
  if (span.count > 0) {
    memcpy(span.data, value, bytes);
    repeat(span.data, bytes, span.count * bytes);
  }
  lua_settop(L, 1);
  return 1;
}

static const struct buffer *check_source(lua_State *L, enum element type)
{
  const struct buffer *source = binding_test(L, 2, &binding_buffer_type);
  if (source != NULL && source->type == type)
    return source;
  const char *got =
      source != NULL ? buffer_describe(L, source) : binding_describe(L, 2);
  luaL_error(L, "pymalloc: b:copy: source must be a buffer of %s, got %s",
             element_name(type), got);
  return NULL;
}

/***
** b:copy(source [, at]): copies all elements of another buffer of the same
** type into b. The two may overlap. Elements that do not fit raise an error,
** and nothing is copied.
** @tparam pymalloc.Buffer source
** @tparam[opt] integer at index in b of the first element copied; default 1
** @treturn pymalloc.Buffer b itself
** @usage
** b:copy(b:slice(1, 2), 2)
** table.concat(b, " ") --> 10 10 20
*/
static int copy(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  struct span to = buffer_span(L, 1, buffer);
  const struct buffer *source = check_source(L, buffer->type);
  struct span from = buffer_span(L, 2, source);
  size_t bytes = element_bytes(buffer->type), at = 1;
  if (!lua_isnoneornil(L, 3))
    at = (size_t)binding_check_integer(L, 3, "b:copy: at", 1,
                                       (lua_Integer)to.count + 1);
  if (from.count > to.count - (at - 1))
    return luaL_error(L, "pymalloc: b:copy: %I elements at %I do not fit %s",
                      (LUAI_UACINT)from.count, (LUAI_UACINT)at,
                      buffer_describe(L, buffer));
  memmove(to.data + (at - 1) * bytes, from.data, from.count * bytes);
  lua_settop(L, 1);
  return 1;
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
  struct buffer *made = binding_new(L, &binding_buffer_type);
  const struct buffer *buffer = buffer_check(L, 1);
  lua_Integer count = (lua_Integer)buffer_span(L, 1, buffer).count;
  lua_Integer last = count;
  lua_Integer first =
      binding_check_integer(L, 2, "b:slice: first", 1, count + 1);
  if (!lua_isnil(L, 3))
    last = binding_check_integer(L, 3, "b:slice: last", first - 1, count);
  made->is_slice = true;
  made->type = buffer->type;
  made->count = (size_t)(last - first + 1);
  made->first = buffer->first + (size_t)(first - 1);
  if (buffer->is_slice)
    (void)lua_getiuservalue(L, 1, 1);
  else
    lua_pushvalue(L, 1);
  (void)lua_setiuservalue(L, -2, 1);
  return 1;
}

/***
** b:totable(): copies the elements into a table.
** @treturn table
** @usage table.unpack(b:totable()) --> 10 20 30
*/
static int totable(lua_State *L)
{
  lua_settop(L, 1);
  size_t count = buffer_span(L, 1, buffer_check(L, 1)).count;
  lua_createtable(L, count < INT_MAX ? (int)count : 0, 0);
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  if (!lua_istable(L, 2))
    return luaL_error(L, "pymalloc: b:totable: the table is gone");
  for (size_t i = 0; i < span.count; i++) {
    element_push(L, buffer->type, span.data, i);
    lua_rawseti(L, 2, (lua_Integer)i + 1);
  }
  return 1;
}

/***
** b:string(): the bytes of all elements, in the byte order of the machine.
** @treturn string
** @usage #b:string() --> 12
*/
static int string(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  lua_pushlstring(L, (const char *)span.data,
                  span.count * element_bytes(buffer->type));
  return 1;
}

const luaL_Reg buffer_bulk_methods[] = {
    {"fill", fill},       {"copy", copy},     {"slice", slice},
    {"totable", totable}, {"string", string}, {NULL, NULL}};
