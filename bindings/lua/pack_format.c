#include <limits.h>
#include <stdalign.h>
#include <string.h>

#include "pack_format.h"
#include "argument.h"

/* The largest N of an option: as in string.pack, what an int holds. */
#define NUMBER_MAX ((size_t)INT_MAX)

/* The alignment that suits any number of Lua. */
#define NATIVE_ALIGNMENT alignof(union { LUAI_MAXALIGN; })

static bool is_little_endian(void)
{
  const uint16_t one = 1;
  return *(const unsigned char *)&one == 1;
}

void pack_format_look(lua_State *L, int index, struct pack_format *format)
{
  if (lua_type(L, index) != LUA_TSTRING)
    luaL_error(L, "pymalloc: %s: format must be a string, got %s",
               format->function, binding_describe(L, index));
  format->text = lua_tolstring(L, index, &format->bytes);
}

struct pack_format pack_format_open(lua_State *L, int index,
                                    const char *function)
{
  struct pack_format format = {.function = function,
                               .max_alignment = 1,
                               .is_little = is_little_endian()};
  pack_format_look(L, index, &format);
  return format;
}

/* The letter at the position, which stays; 0 at the end. */
static char peek(const struct pack_format *format)
{
  if (format->next >= format->bytes)
    return '\0';
  return format->text[format->next];
}

static bool has_digit(const struct pack_format *format)
{
  return peek(format) >= '0' && peek(format) <= '9';
}

/* Reads a number; more than NUMBER_MAX is read as NUMBER_MAX + 1. */
static size_t read_number(struct pack_format *format, size_t otherwise)
{
  size_t number = 0;
  if (!has_digit(format))
    return otherwise;
  for (; has_digit(format); format->next++) {
    size_t digit = (size_t)(peek(format) - '0');
    number = number > (NUMBER_MAX - digit) / 10 ? NUMBER_MAX + 1
                                                : number * 10 + digit;
  }
  return number;
}

static size_t read_size(lua_State *L, struct pack_format *format,
                        size_t otherwise)
{
  size_t size = read_number(format, otherwise);
  if (size < 1 || size > PACK_INTEGER_BYTES_MAX)
    luaL_error(L, "pymalloc: %s: format: a size must be from 1 to %d",
               format->function, (int)PACK_INTEGER_BYTES_MAX);
  return size;
}

static size_t read_count(lua_State *L, struct pack_format *format)
{
  size_t count = read_number(format, NUMBER_MAX + 1);
  if (count > NUMBER_MAX)
    luaL_error(L,
               "pymalloc: %s: format: c must be followed by a number from 0 to "
               "%I",
               format->function, (LUAI_UACINT)NUMBER_MAX);
  return count;
}

static int refuse_letter(lua_State *L, struct pack_format *format, char letter)
{
  lua_pushlstring(L, &letter, 1);
  return luaL_error(L, "pymalloc: %s: format: %s is not an option",
                    format->function, binding_quote(L, -1));
}

/* The options that are one letter and have a value. */
static const struct plain_option {
  unsigned char kind, bytes; /* no bytes: it is none of them */
} plain_options[] = {
    ['b'] = {PACK_SIGNED, 1},
    ['B'] = {PACK_UNSIGNED, 1},
    ['h'] = {PACK_SIGNED, sizeof(short)},
    ['H'] = {PACK_UNSIGNED, sizeof(short)},
    ['l'] = {PACK_SIGNED, sizeof(long)},
    ['L'] = {PACK_UNSIGNED, sizeof(long)},
    ['j'] = {PACK_SIGNED, sizeof(lua_Integer)},
    ['J'] = {PACK_UNSIGNED, sizeof(lua_Integer)},
    ['T'] = {PACK_UNSIGNED, sizeof(size_t)},
    ['f'] = {PACK_FLOAT, sizeof(float)},
    ['d'] = {PACK_DOUBLE, sizeof(double)},
    ['n'] = {PACK_DOUBLE, sizeof(lua_Number)},
    ['x'] = {PACK_PADDING, 1},
};

static_assert(sizeof(lua_Number) == sizeof(double), "n is d");

/* Options with a number behind them, and those without a value. */
static void read_other(lua_State *L, struct pack_format *format, char letter,
                       struct pack_option *option)
{
  option->kind = PACK_PADDING;
  option->bytes = 0;
  switch (letter) {
  case 'i':
  case 'I':
    option->kind = letter == 'i' ? PACK_SIGNED : PACK_UNSIGNED;
    option->bytes = read_size(L, format, sizeof(int));
    break;
  case 's':
    option->kind = PACK_STRING;
    option->bytes = read_size(L, format, sizeof(size_t));
    break;
  case 'c':
    option->kind = PACK_CHARS;
    option->bytes = read_count(L, format);
    break;
  case 'z':
    option->kind = PACK_ZERO;
    break;
  case '!':
    format->max_alignment = read_size(L, format, NATIVE_ALIGNMENT);
    break;
  case '<':
  case '>':
    format->is_little = letter == '<';
    break;
  case '=':
    format->is_little = is_little_endian();
    break;
  case 'X':
  case ' ':
    break;
  default:
    refuse_letter(L, format, letter);
  }
}

static void read_option(lua_State *L, struct pack_format *format,
                        struct pack_option *option)
{
  unsigned char letter = (unsigned char)peek(format);
  format->next++;
  if (letter < sizeof plain_options / sizeof plain_options[0] &&
      plain_options[letter].bytes != 0) {
    option->kind = (enum pack_kind)plain_options[letter].kind;
    option->bytes = plain_options[letter].bytes;
  } else
    read_other(L, format, (char)letter, option);
}

/* The alignment that X takes from the option behind it, which has no value. */
static size_t read_alignment(lua_State *L, struct pack_format *format)
{
  struct pack_option option = {0};
  if (format->next < format->bytes)
    read_option(L, format, &option);
  if (option.bytes == 0 || option.kind == PACK_CHARS)
    luaL_error(L,
               "pymalloc: %s: format: X must be followed by an option that has "
               "an alignment",
               format->function);
  return option.bytes;
}

static size_t padding_at(lua_State *L, const struct pack_format *format,
                         uint64_t offset, size_t alignment)
{
  if (alignment > format->max_alignment)
    alignment = format->max_alignment;
  if (alignment <= 1)
    return 0;
  if ((alignment & (alignment - 1)) != 0)
    luaL_error(L, "pymalloc: %s: format: the alignment %d is not a power of 2",
               format->function, (int)alignment);
  return (size_t)(alignment - (offset & (alignment - 1))) & (alignment - 1);
}

bool pack_format_next(lua_State *L, struct pack_format *format, uint64_t offset,
                      struct pack_option *option)
{
  if (format->next >= format->bytes)
    return false;
  bool is_alignment = peek(format) == 'X';
  option->begin = format->next;
  read_option(L, format, option);
  size_t alignment = option->kind == PACK_CHARS ? 1 : option->bytes;
  if (is_alignment)
    alignment = read_alignment(L, format);
  option->padding = padding_at(L, format, offset, alignment);
  option->end = format->next;
  return true;
}

/*
** The string is looked up again: for an error, other strings may have been made
** already.
*/
const char *pack_format_letters(lua_State *L, int index,
                                const struct pack_option *option)
{
  size_t bytes = 0;
  const char *text = lua_tolstring(L, index, &bytes);
  return option->end > bytes ? lua_pushliteral(L, "?")
                             : lua_pushlstring(L, text + option->begin,
                                               option->end - option->begin);
}

/* Writes an integer as bytes of the given order, from any machine. */
static void store_bytes(unsigned char *to, uint64_t bits, size_t bytes,
                        bool is_little, bool is_negative)
{
  for (size_t i = 0; i < bytes; i++, bits >>= 8) {
    if (i == sizeof bits && is_negative)
      bits = UINT64_MAX;
    to[is_little ? i : bytes - 1 - i] = (unsigned char)bits;
  }
}

void pack_store(unsigned char *to, uint64_t bits, size_t bytes, bool is_little,
                bool is_negative)
{
  if (is_little && is_little_endian() && bytes == sizeof bits)
    memcpy(to, &bits, sizeof bits);
  else if (is_little && is_little_endian() && bytes == sizeof(uint32_t))
    memcpy(to, &bits, sizeof(uint32_t));
  else
    store_bytes(to, bits, bytes, is_little, is_negative);
}

uint64_t pack_load(const unsigned char *from, size_t bytes, bool is_little)
{
  uint64_t bits = 0;
  if (is_little && is_little_endian() && bytes == sizeof bits)
    memcpy(&bits, from, sizeof bits);
  else if (is_little && is_little_endian() && bytes == sizeof(uint32_t))
    memcpy(&bits, from, sizeof(uint32_t));
  else
    for (size_t i = bytes; i > 0; i--)
      bits = bits << 8 | from[is_little ? i - 1 : bytes - i];
  return bits;
}
