#include <limits.h>
#include <stdalign.h>

#include "pack_format.h"
#include "argument.h"

/* The largest N of an option: as in string.pack, what an int holds. */
#define NUMBER_MAX ((size_t)INT_MAX)

/* The alignment that suits any number of Lua. */
#define NATIVE_ALIGNMENT alignof(union { LUAI_MAXALIGN; })

/* The format while one option is read. */
struct reader {
  lua_State *L;
  const char *text;
  size_t bytes;
  struct pack_format *format;
};

static bool is_little_endian(void)
{
  const uint16_t one = 1;
  return *(const unsigned char *)&one == 1;
}

struct pack_format pack_format_open(const char *function)
{
  return (struct pack_format){function, 0, 1, is_little_endian()};
}

/* The letter at the position, which stays; 0 at the end. */
static char peek(const struct reader *reader)
{
  if (reader->format->next >= reader->bytes)
    return '\0';
  return reader->text[reader->format->next];
}

static bool has_digit(const struct reader *reader)
{
  return peek(reader) >= '0' && peek(reader) <= '9';
}

/* Reads a number; more than NUMBER_MAX is read as NUMBER_MAX + 1. */
static size_t read_number(struct reader *reader, size_t otherwise)
{
  size_t number = 0;
  if (!has_digit(reader))
    return otherwise;
  for (; has_digit(reader); reader->format->next++) {
    size_t digit = (size_t)(peek(reader) - '0');
    number = number > (NUMBER_MAX - digit) / 10 ? NUMBER_MAX + 1
                                                : number * 10 + digit;
  }
  return number;
}

static size_t read_size(struct reader *reader, size_t otherwise)
{
  size_t size = read_number(reader, otherwise);
  if (size < 1 || size > PACK_INTEGER_BYTES_MAX)
    luaL_error(reader->L, "pymalloc: %s: format: a size must be from 1 to %d",
               reader->format->function, (int)PACK_INTEGER_BYTES_MAX);
  return size;
}

static size_t read_count(struct reader *reader)
{
  size_t count = read_number(reader, NUMBER_MAX + 1);
  if (count > NUMBER_MAX)
    luaL_error(reader->L,
               "pymalloc: %s: format: c must be followed by a number from 0 to "
               "%I",
               reader->format->function, (LUAI_UACINT)NUMBER_MAX);
  return count;
}

static int refuse_letter(struct reader *reader, char letter)
{
  lua_pushlstring(reader->L, &letter, 1);
  return luaL_error(reader->L, "pymalloc: %s: format: %s is no option",
                    reader->format->function, binding_quote(reader->L, -1));
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
static void read_other(struct reader *reader, char letter,
                       struct pack_option *option)
{
  option->kind = PACK_PADDING;
  option->bytes = 0;
  switch (letter) {
  case 'i':
  case 'I':
    option->kind = letter == 'i' ? PACK_SIGNED : PACK_UNSIGNED;
    option->bytes = read_size(reader, sizeof(int));
    break;
  case 's':
    option->kind = PACK_STRING;
    option->bytes = read_size(reader, sizeof(size_t));
    break;
  case 'c':
    option->kind = PACK_CHARS;
    option->bytes = read_count(reader);
    break;
  case 'z':
    option->kind = PACK_ZERO;
    break;
  case '!':
    reader->format->max_alignment = read_size(reader, NATIVE_ALIGNMENT);
    break;
  case '<':
  case '>':
    reader->format->is_little = letter == '<';
    break;
  case '=':
    reader->format->is_little = is_little_endian();
    break;
  case 'X':
  case ' ':
    break;
  default:
    refuse_letter(reader, letter);
  }
}

static void read_option(struct reader *reader, struct pack_option *option)
{
  unsigned char letter = (unsigned char)peek(reader);
  reader->format->next++;
  if (letter < sizeof plain_options / sizeof plain_options[0] &&
      plain_options[letter].bytes != 0) {
    option->kind = (enum pack_kind)plain_options[letter].kind;
    option->bytes = plain_options[letter].bytes;
  } else
    read_other(reader, (char)letter, option);
}

/* The alignment that X takes from the option behind it, which has no value. */
static size_t read_alignment(struct reader *reader)
{
  struct pack_option option = {0};
  if (reader->format->next < reader->bytes)
    read_option(reader, &option);
  if (option.bytes == 0 || option.kind == PACK_CHARS)
    luaL_error(reader->L,
               "pymalloc: %s: format: X must be followed by an option that has "
               "an alignment",
               reader->format->function);
  return option.bytes;
}

static size_t padding_at(const struct reader *reader, uint64_t offset,
                         size_t alignment)
{
  if (alignment > reader->format->max_alignment)
    alignment = reader->format->max_alignment;
  if (alignment <= 1)
    return 0;
  if ((alignment & (alignment - 1)) != 0)
    luaL_error(reader->L,
               "pymalloc: %s: format: the alignment %d is no power of 2",
               reader->format->function, (int)alignment);
  return (size_t)(alignment - (offset & (alignment - 1))) & (alignment - 1);
}

bool pack_format_next(lua_State *L, int index, struct pack_format *format,
                      uint64_t offset, struct pack_option *option)
{
  struct reader reader = {.L = L, .format = format};
  reader.text = lua_tolstring(L, index, &reader.bytes);
  if (reader.text == NULL || format->next >= reader.bytes)
    return false;
  bool is_alignment = peek(&reader) == 'X';
  option->begin = format->next;
  read_option(&reader, option);
  size_t alignment = option->kind == PACK_CHARS ? 1 : option->bytes;
  if (is_alignment)
    alignment = read_alignment(&reader);
  option->padding = padding_at(&reader, offset, alignment);
  option->end = format->next;
  return true;
}

const char *pack_format_letters(lua_State *L, int index,
                                const struct pack_option *option)
{
  size_t bytes = 0;
  const char *text = lua_tolstring(L, index, &bytes);
  return option->end > bytes ? lua_pushliteral(L, "?")
                             : lua_pushlstring(L, text + option->begin,
                                               option->end - option->begin);
}

void pack_store(unsigned char *to, uint64_t bits, size_t bytes, bool is_little,
                bool is_negative)
{
  for (size_t i = 0; i < bytes; i++, bits >>= 8) {
    if (i == sizeof bits && is_negative)
      bits = UINT64_MAX;
    to[is_little ? i : bytes - 1 - i] = (unsigned char)bits;
  }
}

uint64_t pack_load(const unsigned char *from, size_t bytes, bool is_little)
{
  uint64_t bits = 0;
  for (size_t i = bytes; i > 0; i--)
    bits = bits << 8 | from[is_little ? i - 1 : bytes - i];
  return bits;
}
