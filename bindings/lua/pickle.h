/*
** The values of a pickle of plain Python values, of protocols 2 to 5. Nothing is
** executed: an object of a class is an error.
**
** A value is a list, or a place in the text of the pickle, where the code of an
** integer, a string or another scalar stands, which is read when it is asked
** for. A dict is a list of its keys and values; a tuple is a list. A list may
** contain itself.
**
**   bits of a value, from the lowest   00: place << 2
**                                      01, 10: address of a list, of a dict
**                                      11: a mark, while a pickle is read
*/
#ifndef PICKLE_H
#define PICKLE_H

#include "base/base.h"

typedef uint64_t pickle_value;

struct pickle_list {
  pickle_value *items;
  uint32_t count, capacity;
  uint32_t number; /* for the reader of the values; 0 at first */
};

struct pickle {
  struct pickle_chunk *chunks; /* the memory of all lists */
  size_t free_bytes;           /* at the end of the first chunk */
  pickle_value root;
  const char *text; /* of the pickle, whose owner is the caller */
  size_t at;        /* where reading has stopped */
};

/*
** Reads a pickle, whose text stays as it is until the pickle is closed. Returns
** NULL, or why it cannot be read: then the pickle is
** closed, and 'at' says where it stopped. PICKLE_NO_MEMORY is one of the reasons.
*/
const char *pickle_read(struct pickle *pickle, const char *text, size_t bytes);

extern const char PICKLE_NO_MEMORY[];

/* Frees all values. A pickle of zeros is allowed. */
void pickle_close(struct pickle *pickle);

/* The list, or the dict, that a value is; NULL: it is none. */
struct pickle_list *pickle_list(pickle_value value);
struct pickle_list *pickle_dict(pickle_value value);

/* Gets an integer, of which more than 64 bits are cut. false: it is none. */
bool pickle_integer(const struct pickle *pickle, pickle_value value,
                    int64_t *integer);

/* Gets a text, in the text of the pickle; NULL: it is none. */
const char *pickle_text(const struct pickle *pickle, pickle_value value,
                        size_t *bytes);

/* Is a value the word? */
bool pickle_is(const struct pickle *pickle, pickle_value value,
               const char *word);

/*
** A key that is looked up in many dicts. The strings of a pickle's keys are mostly
** the same value, and at the same place in each dict: both are remembered.
*/
struct pickle_key {
  const char *word;
  uint32_t index;     /* of the key in the last dict */
  pickle_value value; /* of the key there; 0: none yet */
};

/*
** The value of a dict's key, or PICKLE_NOTHING: the dict is NULL, has no such key,
** or has more than PICKLE_PAIRS_MAX pairs, so that looking at a dict again and
** again takes a bounded time. Python's dicts have each key once.
*/
pickle_value pickle_get(const struct pickle *pickle,
                        const struct pickle_list *dict, struct pickle_key *key);

#define PICKLE_PAIRS_MAX 64u
#define PICKLE_NOTHING ((pickle_value)3)

#endif
