/*
** b:unpack: reads values at any byte of a buffer, by a format of string.unpack.
**
** It looks up the buffer and the format again after each string that it makes,
** because that may run a finalizer.
*/
#include "pack_arguments.h"

/* One call of b:unpack. */
struct unpacking {
  struct span bytes; /* of the buffer */
  struct pack_format format;
  struct pack_option option;
  size_t offset; /* of the option */
};

static int refuse_bytes(lua_State *L, const struct unpacking *state,
                        const char *why)
{
  return luaL_error(L, "pymalloc: b:unpack: '%s' at offset %I %s",
                    pack_format_letters(L, PACK_FORMAT, &state->option),
                    (LUAI_UACINT)state->offset, why);
}

/* Where the value begins, of which 'more' bytes come after the option's. */
static const unsigned char *
check_place(lua_State *L, const struct unpacking *state, size_t more)
{
  return pack_check_place(L, state->bytes, &state->format, &state->option,
                          state->offset, more);
}

/*
** Reads an integer. Returns false if it has more bytes than a Lua integer, and
** these do not only repeat its sign.
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

static void push_string(lua_State *L, struct unpacking *state,
                        const unsigned char *from, size_t bytes)
{
  lua_pushlstring(L, (const char *)from, bytes);
  state->bytes = pack_look(L);
  pack_format_look(L, PACK_FORMAT, &state->format);
}

/* Pushes the string after its length. Returns the bytes of the string. */
static size_t push_counted(lua_State *L, struct unpacking *state,
                           const unsigned char *from)
{
  lua_Integer length = 0;
  if (!load_integer(from, &state->option, state->format.is_little, &length))
    length = -1;
  size_t bytes = size_of_number((uint64_t)length);
  from = check_place(L, state, bytes);
  push_string(L, state, from + state->option.bytes, bytes);
  return bytes;
}

/* Pushes the string before a zero byte. Returns the bytes of both. */
static size_t push_until_zero(lua_State *L, struct unpacking *state,
                              const unsigned char *from)
{
  size_t rest = (size_t)(state->bytes.data + state->bytes.count - from);
  const unsigned char *end = memchr(from, '\0', rest);
  if (end == NULL)
    (void)refuse_bytes(L, state, "finds no zero byte");
  size_t bytes = (size_t)(end - from); /* NOLINT: end is not NULL */
  push_string(L, state, from, bytes);
  return bytes + 1;
}

/* Pushes the value of the option, if it has one. Returns where it ends. */
static size_t push_value(lua_State *L, struct unpacking *state)
{
  const struct pack_option *option = &state->option;
  const unsigned char *from = check_place(L, state, 0);
  size_t more = 0;
  lua_Integer value;
  switch (option->kind) {
  case PACK_SIGNED:
  case PACK_UNSIGNED:
    if (!load_integer(from, option, state->format.is_little, &value))
      (void)refuse_bytes(L, state, "does not fit a Lua integer");
    lua_pushinteger(L, value);
    break;
  case PACK_FLOAT:
  case PACK_DOUBLE:
    push_float(L, from, option->kind, state->format.is_little);
    break;
  case PACK_CHARS:
    push_string(L, state, from, option->bytes);
    break;
  case PACK_STRING:
    more = push_counted(L, state, from);
    break;
  case PACK_ZERO:
    more = push_until_zero(L, state, from);
    break;
  case PACK_PADDING:
    break;
  }
  return state->offset + option->padding + option->bytes + more;
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
  struct unpacking state;
  lua_settop(L, PACK_FORMAT);
  state.bytes = pack_look(L);
  state.offset = pack_check_offset(L, state.bytes, "b:unpack: offset");
  state.format = pack_format_open(L, PACK_FORMAT, "b:unpack");
  while (pack_format_next(L, &state.format, state.offset, &state.option)) {
    luaL_checkstack(L, 2, "too many results");
    state.offset = push_value(L, &state);
  }
  lua_pushinteger(L, (lua_Integer)state.offset);
  return lua_gettop(L) - PACK_FORMAT;
}

const luaL_Reg buffer_unpack_methods[] = {{"unpack", unpack}, {NULL, NULL}};
