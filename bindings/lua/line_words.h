/*
** The words of a format: a line without any of them is none of its requests, and
** means nothing to its reader. Most lines of some logs are such lines: the calls
** of other functions, or what the program writes itself.
**
**   alloc       the line has these bytes anywhere
**   <malloc>    the same, with no letter, digit or '_' before or behind them
**   <_Zn        the same, with none before them
**   ^--         the line begins with these bytes
*/
#ifndef LINE_WORDS_H
#define LINE_WORDS_H

#include "base/base.h"

#define WORDS_MAX 32u
#define WORD_BYTES_MAX 64u
#define WORD_PLACES 3u

struct line_word {
  char bytes[WORD_BYTES_MAX];
  uint8_t count;
  bool begins_line, begins_name, ends_name;
};

/*
** places[i][byte] has a bit for each word whose byte i is this one, or which has
** no byte i.
*/
struct line_words {
  struct line_word items[WORDS_MAX];
  unsigned count;
  uint32_t places[WORD_PLACES][256];
  bool ends_at_bracket; /* only the bytes before the first '(' are looked at */
};

/* Adds a word. false: it is empty or too long, or there are WORDS_MAX. */
bool line_words_add(struct line_words *words, const char *text, size_t bytes);

/* Has the line, whose '\n' is at 'end', any of the words? */
bool line_words_find(const struct line_words *words, const char *line,
                     const char *end);

#endif
