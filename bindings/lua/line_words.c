#include "line_words.h"

#include <string.h>

/*
** {==================================================================
** Adding a word
** ===================================================================
*/

/* Sets the bits of the last word. */
static void set_places(struct line_words *words)
{
  const struct line_word *word = &words->items[words->count - 1];
  uint32_t bit = UINT32_C(1) << (words->count - 1);
  for (unsigned place = 0; place < WORD_PLACES; place++)
    for (unsigned byte = 0; byte < 256; byte++)
      if (place >= word->count || (unsigned char)word->bytes[place] == byte)
        words->places[place][byte] |= bit;
}

bool line_words_add(struct line_words *words, const char *text, size_t bytes)
{
  struct line_word word = {.count = 0};
  if (bytes == 0 || words->count == WORDS_MAX)
    return false;
  word.begins_line = text[0] == '^';
  word.begins_name = text[0] == '<';
  word.ends_name = text[bytes - 1] == '>';
  text += word.begins_line || word.begins_name;
  bytes -= (word.begins_line || word.begins_name) + (size_t)word.ends_name;
  if (bytes == 0 || bytes > WORD_BYTES_MAX)
    return false;
  memcpy(word.bytes, text, bytes);
  word.count = (uint8_t)bytes;
  words->items[words->count++] = word;
  set_places(words);
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Finding one
** ===================================================================
*/

static bool is_of_name(char byte)
{
  char letter = (char)(byte | 32);
  return (byte >= '0' && byte <= '9') || (letter >= 'a' && letter <= 'z') ||
         byte == '_';
}

/* Is the word at 'at', in the line that ends at 'end'? */
static bool is_at(const struct line_word *word, const char *line,
                  const char *at, const char *end)
{
  if ((size_t)(end - at) < word->count ||
      memcmp(at, word->bytes, word->count) != 0)
    return false;
  if (word->begins_line)
    return at == line;
  return !(word->begins_name && at > line && is_of_name(at[-1])) &&
         !(word->ends_name && is_of_name(at[word->count]));
}

/* Is one of the words at 'at' of those that have a bit? */
static bool is_any_at(const struct line_words *words, uint32_t bits,
                      const char *line, const char *at, const char *end)
{
  for (; bits != 0; bits &= bits - 1)
    if (is_at(&words->items[__builtin_ctz(bits)], line, at, end))
      return true;
  return false;
}

/*
** Most places are ruled out by the first bytes there. A line ends in '\n' and not
** in a word, so that bytes behind its end need not be looked at.
*/
bool line_words_find(const struct line_words *words, const char *line,
                     const char *end)
{
  const unsigned char *byte;
  if (words->ends_at_bracket) {
    const char *bracket = memchr(line, '(', (size_t)(end - line));
    end = bracket != NULL ? bracket : end;
  }
  for (const char *at = line; at < end; at++) {
    byte = (const unsigned char *)at;
    uint32_t bits = words->places[0][byte[0]] & words->places[1][byte[1]];
    if (bits != 0 && byte[1] != '\n')
      bits &= words->places[2][byte[2]];
    if (unlikely(bits != 0) && is_any_at(words, bits, line, at, end))
      return true;
  }
  return false;
}

/* }================================================================== */
