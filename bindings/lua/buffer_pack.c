/*
** b:pack: writes values at any byte of a buffer, by a format of string.pack.
**
** All values are checked before the first one is written to the buffer: the
** first SCRATCH_BYTES are written to a scratch while the values are checked. If
** there are more, all values are written to the buffer in a second pass. No Lua
** object is made meanwhile, so nothing can change.
*/
#include "argument.h"
#include "pack_arguments.h"

#define SCRATCH_BYTES 64u

static size_t refuse_value(lua_State *L, int index,
                           const struct pack_option *option, const char *why)
{
  luaL_error(L, "pymalloc: b:pack: value %d for '%s' %s, got %s",
             index - PACK_VALUES + 1,
             pack_format_letters(L, PACK_FORMAT, option), why,
             binding_describe(L, index));
  return 0;
}

static bool fits(lua_Integer value, enum pack_kind kind, size_t bytes)
{
  if (bytes >= sizeof value)
    return true;
  if (kind == PACK_UNSIGNED)
    return (uint64_t)value >> 8 * bytes == 0;
  lua_Integer limit = (lua_Integer)1 << (8 * bytes - 1);
  return -limit <= value && value < limit;
}

static lua_Integer check_integer(lua_State *L, int index,
                                 const struct pack_option *option)
{
  lua_Integer value = 0;
  bool is_u64 = option->kind == PACK_UNSIGNED && option->bytes >= sizeof value;
  bool is_integer =
      element_to_integer(L, index, is_u64 ? ELEMENT_u64 : ELEMENT_i64, &value);
  if (!is_integer && !binding_is_huge(L, index))
    (void)refuse_value(L, index, option, "must be an integer");
  if (!is_integer || !fits(value, option->kind, option->bytes))
    (void)refuse_value(L, index, option, "does not fit");
  return value;
}

static void check_float(lua_State *L, int index,
                        const struct pack_option *option)
{
  unsigned char scratch[ELEMENT_BYTES_MAX];
  if (lua_type(L, index) != LUA_TNUMBER)
    (void)refuse_value(L, index, option, "must be a number");
  if (option->kind == PACK_FLOAT &&
      !element_store(L, index, ELEMENT_f32, scratch))
    (void)refuse_value(L, index, option, "does not fit");
}

/* Returns the bytes of a string besides those of the option. */
static size_t check_string(lua_State *L, int index,
                           const struct pack_option *option)
{
  size_t bytes;
  if (lua_type(L, index) != LUA_TSTRING)
    return refuse_value(L, index, option, "must be a string");
  const char *string = lua_tolstring(L, index, &bytes);
  if (option->kind == PACK_CHARS)
    return bytes <= option->bytes
               ? 0
               : refuse_value(L, index, option, "is too long");
  if (option->kind == PACK_ZERO)
    return memchr(string, '\0', bytes) == NULL
               ? bytes + 1
               : refuse_value(L, index, option, "has a zero byte");
  return fits((lua_Integer)bytes, PACK_UNSIGNED, option->bytes)
             ? bytes
             : refuse_value(L, index, option, "is too long");
}

/*
** The same for any value; 0 for an option that packs no string. Raises an error
** if the option cannot pack the value.
*/
static size_t check_value(lua_State *L, int index,
                          const struct pack_option *option)
{
  switch (option->kind) {
  case PACK_SIGNED:
  case PACK_UNSIGNED:
    (void)check_integer(L, index, option);
    return 0;
  case PACK_FLOAT:
  case PACK_DOUBLE:
    check_float(L, index, option);
    return 0;
  case PACK_CHARS:
  case PACK_STRING:
  case PACK_ZERO:
    return check_string(L, index, option);
  case PACK_PADDING:
    break;
  }
  return 0;
}

static void store_float(lua_State *L, int index, enum pack_kind kind,
                        bool is_little, unsigned char *to)
{
  uint32_t narrow_bits;
  uint64_t bits;
  lua_Number number = lua_tonumber(L, index);
  float narrow = (float)number;
  memcpy(&narrow_bits, &narrow, sizeof narrow);
  memcpy(&bits, &number, sizeof number);
  if (kind == PACK_FLOAT)
    pack_store(to, narrow_bits, sizeof narrow, is_little, false);
  else
    pack_store(to, bits, sizeof number, is_little, false);
}

/* Writes a string and what comes before it or after it. */
static void store_string(lua_State *L, int index,
                         const struct pack_option *option, bool is_little,
                         unsigned char *to)
{
  size_t bytes;
  const char *string = lua_tolstring(L, index, &bytes);
  if (option->kind == PACK_STRING) {
    pack_store(to, bytes, option->bytes, is_little, false);
    to += option->bytes;
  }
  memcpy(to, string, bytes);
  if (option->kind == PACK_ZERO)
    to[bytes] = '\0';
  if (option->kind == PACK_CHARS)
    memset(to + bytes, '\0', option->bytes - bytes);
}

/* Writes a value that was checked. */
static void store_value(lua_State *L, int index,
                        const struct pack_option *option, bool is_little,
                        unsigned char *to)
{
  lua_Integer value;
  switch (option->kind) {
  case PACK_SIGNED:
  case PACK_UNSIGNED:
    value = check_integer(L, index, option);
    pack_store(to, (uint64_t)value, option->bytes, is_little,
               option->kind == PACK_SIGNED && value < 0);
    break;
  case PACK_FLOAT:
  case PACK_DOUBLE:
    store_float(L, index, option->kind, is_little, to);
    break;
  case PACK_CHARS:
  case PACK_STRING:
  case PACK_ZERO:
    store_string(L, index, option, is_little, to);
    break;
  case PACK_PADDING:
    memset(to, '\0', option->bytes);
    break;
  }
}

/*
** Checks all values and their places, and writes to 'to' those that end within
** 'room' bytes. Returns the offset of the end.
*/
static size_t pack_all(lua_State *L, struct span bytes,
                       struct pack_format format, size_t offset,
                       unsigned char *to, size_t room)
{
  int index = PACK_VALUES;
  size_t start = offset;
  struct pack_option option;
  while (pack_format_next(L, &format, offset, &option)) {
    size_t more = check_value(L, index, &option);
    (void)pack_check_place(L, bytes, &format, &option, offset, more);
    size_t begin = offset + option.padding;
    size_t end = begin + option.bytes + more;
    if (end - start <= room) {
      memset(to + (offset - start), '\0', option.padding);
      store_value(L, index, &option, format.is_little, to + (begin - start));
    }
    offset = end;
    index += option.kind != PACK_PADDING;
  }
  return offset;
}

/***
** b:pack(offset, format, ...): writes values at any byte of b, as string.pack
** makes them. If a value does not fit its option, or does not fit b, an error
** is raised and nothing is written. With "!", values are aligned to multiples
** counted from the first byte of b.
** @tparam integer offset bytes of b before the first value
** @tparam string format the options of string.pack
** @tparam any ... the values, of which those that the format does not need are
** ignored. A string is not taken for a number, nor a number for a string
** @treturn integer the offset of the byte after the last value
** @usage
** b:pack(0, "<i2z", 258, "hi") --> 5
** b:string():sub(1, 5) == "\2\1hi\0" --> true
** b:pack(1, "!4 <i4", -1) --> 8
*/
static int pack(lua_State *L)
{
  unsigned char scratch[SCRATCH_BYTES];
  struct span bytes = pack_look(L);
  size_t offset = pack_check_offset(L, bytes, "b:pack: offset");
  struct pack_format format = pack_format_open(L, PACK_FORMAT, "b:pack");
  size_t end = pack_all(L, bytes, format, offset, scratch, sizeof scratch);
  if (end - offset <= sizeof scratch)
    memcpy(bytes.data + offset, scratch, end - offset);
  else
    (void)pack_all(L, bytes, format, offset, bytes.data + offset, end - offset);
  lua_pushinteger(L, (lua_Integer)end);
  return 1;
}

const luaL_Reg buffer_pack_methods[] = {{"pack", pack}, {NULL, NULL}};
