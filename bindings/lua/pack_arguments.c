#include "pack_arguments.h"
#include "argument.h"

size_t pack_check_offset(lua_State *L, const char *what)
{
  const struct buffer *buffer = buffer_check(L, PACK_SELF);
  size_t bytes = span_bytes(buffer_span(L, PACK_SELF, buffer), buffer->type);
  return (size_t)binding_check_integer(L, PACK_OFFSET, what, 0,
                                       (lua_Integer)bytes);
}

void pack_check_format(lua_State *L, const char *function)
{
  if (lua_type(L, PACK_FORMAT) != LUA_TSTRING)
    luaL_error(L, "pymalloc: %s: format must be a string, got %s", function,
               binding_describe(L, PACK_FORMAT));
}

struct span pack_check_place(lua_State *L, const struct pack_format *format,
                             const struct pack_option *option, size_t offset,
                             size_t more)
{
  const struct buffer *buffer = buffer_check(L, PACK_SELF);
  struct span span = buffer_span(L, PACK_SELF, buffer);
  size_t bytes = span_bytes(span, buffer->type);
  if (offset > bytes || option->padding > bytes - offset ||
      option->bytes > bytes - offset - option->padding ||
      more > bytes - offset - option->padding - option->bytes)
    luaL_error(L,
               "pymalloc: %s: '%s' at offset %I reaches beyond the %I bytes of "
               "%s",
               format->function, pack_format_letters(L, PACK_FORMAT, option),
               (LUAI_UACINT)offset, (LUAI_UACINT)bytes,
               buffer_describe(L, buffer));
  size_t begin = offset + option->padding;
  return (struct span){span.data + begin, bytes - begin};
}
