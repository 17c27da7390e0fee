/*
** Arguments of the methods of buffers: ranges of elements, and elements that
** are given as a buffer or as a string of their bytes.
*/
#include "argument.h"
#include "buffer.h"

struct span buffer_range(lua_State *L, int index, const char *first_name,
                         const char *last_name, struct span span,
                         enum element type)
{
  lua_Integer count = (lua_Integer)span.count, first = 1, last = count;
  if (!lua_isnoneornil(L, index))
    first = binding_check_integer(L, index, first_name, 1, count + 1);
  if (!lua_isnoneornil(L, index + 1))
    last = binding_check_integer(L, index + 1, last_name, first - 1, count);
  return (struct span){span_at(span, type, (size_t)(first - 1)),
                       (size_t)(last - first + 1)};
}

static struct span string_source(lua_State *L, int index, const char *what,
                                 enum element type)
{
  size_t bytes;
  const char *string = lua_tolstring(L, index, &bytes);
  if (bytes % element_bytes(type) != 0)
    luaL_error(L,
               "pymalloc: %s: a string of %I bytes is not a whole number of %s",
               what, (LUAI_UACINT)bytes, element_name(type));
  return (struct span){(unsigned char *)(uintptr_t)string,
                       bytes >> element_shift(type)};
}

struct span buffer_source(lua_State *L, int index, const char *what,
                          enum element type)
{
  if (lua_type(L, index) == LUA_TSTRING)
    return string_source(L, index, what, type);
  const struct buffer *source = binding_test(L, index, &binding_buffer_type);
  if (source != NULL && source->type == type)
    return buffer_span(L, index, source);
  luaL_error(L, "pymalloc: %s must be a buffer of %s or a string, got %s", what,
             element_name(type),
             source != NULL ? buffer_describe(L, source)
                            : binding_describe(L, index));
  return (struct span){0};
}
