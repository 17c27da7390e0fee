#include "python_text.h"

#include <stdint.h>
#include <string.h>

#include "python_api.h"

/* Fields of PyASCIIObject, which are there in all versions. */
#define LENGTH 16
#define STATE 32
#define KIND_SHIFT 2

/* A str: characters of 1, 2 or 4 bytes each. */
struct characters {
  const void *first;
  size_t count;
  unsigned kind;
  bool is_ascii;
};

/*
** Bits of 'state': interned (2), kind (3), compact, ascii. Names and paths of
** code objects are compact: CPython makes no others.
*/
static struct characters characters_of(const void *str)
{
  const struct layout *layout = python_api.layout;
  unsigned state = LAYOUT_READ(unsigned, str, STATE);
  bool is_compact = (state >> 5 & 1) != 0, is_ascii = (state >> 6 & 1) != 0;
  return (struct characters){
      .first = (const char *)str +
               (is_ascii ? layout->ascii_bytes : layout->compact_bytes),
      .count = is_compact ? LAYOUT_READ(size_t, str, LENGTH) : 0,
      .kind = state >> KIND_SHIFT & 7,
      .is_ascii = is_ascii};
}

static uint32_t character_at(const struct characters *all, size_t at)
{
  if (all->kind == 1)
    return ((const uint8_t *)all->first)[at];
  if (all->kind == 2)
    return ((const uint16_t *)all->first)[at];
  return ((const uint32_t *)all->first)[at];
}

static size_t encoded_bytes(uint32_t character)
{
  if (character < 0x80 || (character >= 0xd800 && character < 0xe000))
    return 1;
  return character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

static void encode(uint32_t character, size_t bytes, char *text)
{
  static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
  if (bytes == 1) {
    text[0] = (char)(character < 0x80 ? character : (uint32_t)'?');
    return;
  }
  for (size_t at = bytes - 1; at > 0; at--) {
    text[at] = (char)(0x80 | (character & 0x3f));
    character >>= 6;
  }
  text[0] = (char)(leads[bytes] | character);
}

/* Writes the characters from 'from' on, as many as fit. */
static size_t write_from(const struct characters *all, size_t from, char *text,
                         size_t most)
{
  size_t written = 0;
  if (all->is_ascii) {
    written = all->count - from < most ? all->count - from : most;
    memcpy(text, (const char *)all->first + from, written);
    return written;
  }
  for (size_t at = from; at < all->count; at++) {
    uint32_t character = character_at(all, at);
    size_t bytes = encoded_bytes(character);
    if (bytes > most - written)
      break;
    encode(character, bytes, text + written);
    written += bytes;
  }
  return written;
}

size_t python_text_head(const void *str, char *text, size_t most)
{
  struct characters all = characters_of(str);
  return write_from(&all, 0, text, most);
}

/* The first of the last characters that fit into 'most' bytes. */
static size_t first_of_tail(const struct characters *all, size_t most)
{
  size_t from = all->count;
  if (all->is_ascii)
    return from > most ? from - most : 0;
  while (from > 0) {
    size_t bytes = encoded_bytes(character_at(all, from - 1));
    if (bytes > most)
      break;
    most -= bytes;
    from--;
  }
  return from;
}

size_t python_text_tail(const void *str, char *text, size_t most)
{
  static const char dots[] = "...";
  const size_t dot_bytes = sizeof dots - 1;
  struct characters all = characters_of(str);
  if (first_of_tail(&all, most) == 0)
    return write_from(&all, 0, text, most);
  memcpy(text, dots, dot_bytes);
  return dot_bytes + write_from(&all, first_of_tail(&all, most - dot_bytes),
                                text + dot_bytes, most - dot_bytes);
}
