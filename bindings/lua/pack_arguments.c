#include "pack_arguments.h"
#include "argument.h"

struct span pack_look(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, PACK_SELF);
  struct span span = buffer_span(L, PACK_SELF, buffer);
  return (struct span){span.data, span_bytes(span, buffer->type)};
}

size_t pack_check_offset(lua_State *L, struct span bytes, const char *what)
{
  return (size_t)binding_check_integer(L, PACK_OFFSET, what, 0,
                                       (lua_Integer)bytes.count);
}

unsigned char *pack_check_place(lua_State *L, struct span bytes,
                                const struct pack_format *format,
                                const struct pack_option *option, size_t offset,
                                size_t more)
{
  if (offset > bytes.count || option->padding > bytes.count - offset ||
      option->bytes > bytes.count - offset - option->padding ||
      more > bytes.count - offset - option->padding - option->bytes)
    luaL_error(L,
               "pymalloc: %s: '%s' at offset %I reaches beyond the %I bytes of "
               "%s",
               format->function, pack_format_letters(L, PACK_FORMAT, option),
               (LUAI_UACINT)offset, (LUAI_UACINT)bytes.count,
               buffer_describe(L, buffer_check(L, PACK_SELF)));
  return bytes.data + offset + option->padding;
}
