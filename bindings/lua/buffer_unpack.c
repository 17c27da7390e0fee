/*
** b:unpack: reads values at any byte of a buffer, by a format of string.unpack.
**
** It looks up the buffer and the format again before each value, because making
** a string may run a finalizer.
*/
#include "pack_arguments.h"

static int refuse_bytes(lua_State *L, const struct pack_option *option,
                        size_t offset, const char *why)
{
  return luaL_error(L, "pymalloc: b:unpack: '%s' at offset %I %s",
                    pack_format_letters(L, PACK_FORMAT, option),
                    (LUAI_UACINT)offset, why);
}

/*
** Reads an integer. Returns false if it has more bytes than a Lua integer, and
** these are no sign.
*/
static bool load_integer(const unsigned char *from,
                         const struct pack_option *option, bool is_little,
                         lua_Integer *value)
{
  size_t bytes = option->bytes;
  size_t low = bytes < sizeof *value ? bytes : sizeof *value;
  uint64_t bits =
      pack_load(is_little ? from : from + bytes - low, low, is_little);
  uint64_t sign = UINT64_C(1) << (8 * low - 1);
  if (option->kind == PACK_SIGNED)
    bits = (bits ^ sign) - sign;
  *value = (lua_Integer)bits;
  unsigned char rest = option->kind == PACK_SIGNED && *value < 0 ? 0xFF : 0;
  for (size_t i = low; i < bytes; i++)
    if (from[is_little ? i : bytes - 1 - i] != rest)
      return false;
  return true;
}

static void push_float(lua_State *L, const unsigned char *from,
                       enum pack_kind kind, bool is_little)
{
  float narrow;
  lua_Number number;
  if (kind == PACK_FLOAT) {
    uint32_t bits = (uint32_t)pack_load(from, sizeof narrow, is_little);
    memcpy(&narrow, &bits, sizeof narrow);
    number = narrow;
  } else {
    uint64_t bits = pack_load(from, sizeof number, is_little);
    memcpy(&number, &bits, sizeof number);
  }
  lua_pushnumber(L, number);
}

/* Pushes a string. Returns its bytes besides those of the option. */
static size_t push_string(lua_State *L, const struct pack_format *format,
                          const struct pack_option *option, size_t offset,
                          struct span from)
{
  lua_Integer length = 0;
  if (!load_integer(from.data, option, format->is_little, &length))
    length = -1;
  size_t bytes = size_of_number((uint64_t)length);
  from = pack_check_place(L, format, option, offset, bytes);
  lua_pushlstring(L, (const char *)from.data + option->bytes, bytes);
  return bytes;
}

/* The same for a string that ends at a zero byte. */
static size_t push_until_zero(lua_State *L, const struct pack_option *option,
                              size_t offset, struct span from)
{
  const unsigned char *end = memchr(from.data, '\0', from.count);
  if (end == NULL)
    (void)refuse_bytes(L, option, offset, "finds no zero byte");
  size_t bytes = (size_t)(end - from.data); /* NOLINT: end is not NULL */
  lua_pushlstring(L, (const char *)from.data, bytes);
  return bytes + 1;
}

/* Pushes the value of the option, if it has one. Returns where it ends. */
static size_t push_value(lua_State *L, const struct pack_format *format,
                         const struct pack_option *option, size_t offset)
{
  struct span from = pack_check_place(L, format, option, offset, 0);
  size_t more = 0;
  lua_Integer value;
  switch (option->kind) {
  case PACK_SIGNED:
  case PACK_UNSIGNED:
    if (!load_integer(from.data, option, format->is_little, &value))
      (void)refuse_bytes(L, option, offset, "does not fit a Lua integer");
    lua_pushinteger(L, value);
    break;
  case PACK_FLOAT:
  case PACK_DOUBLE:
    push_float(L, from.data, option->kind, format->is_little);
    break;
  case PACK_CHARS:
    lua_pushlstring(L, (const char *)from.data, option->bytes);
    break;
  case PACK_STRING:
    more = push_string(L, format, option, offset, from);
    break;
  case PACK_ZERO:
    more = push_until_zero(L, option, offset, from);
    break;
  case PACK_PADDING:
    break;
  }
  return offset + option->padding + option->bytes + more;
}

/***
** b:unpack(offset, format): reads values at any byte of b, as string.unpack
** does from b:string() at the position offset + 1.
** @tparam integer offset bytes of b before the first value
** @tparam string format the options of string.unpack
** @treturn any... the values, and then the offset of the byte after the last
** one
** @usage
** b:unpack(4, "<i2i2") --> 20 0 8
** b:unpack(8, "<I4") --> 30 12
*/
static int unpack(lua_State *L)
{
  struct pack_option option;
  lua_settop(L, PACK_FORMAT);
  size_t offset = pack_check_offset(L, "b:unpack: offset");
  pack_check_format(L, "b:unpack");
  struct pack_format format = pack_format_open("b:unpack");
  while (pack_format_next(L, PACK_FORMAT, &format, offset, &option)) {
    luaL_checkstack(L, 2, "too many results");
    offset = push_value(L, &format, &option, offset);
  }
  lua_pushinteger(L, (lua_Integer)offset);
  return lua_gettop(L) - PACK_FORMAT;
}

const luaL_Reg buffer_unpack_methods[] = {{"unpack", unpack}, {NULL, NULL}};
