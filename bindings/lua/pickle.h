/*
** A pickle of plain Python values, of protocols 2 to 5, which is read piece by
** piece. Nothing is executed: an object of a class is an error.
**
** The values are kept in one run of bytes, which is about as long as the pickle. A
** scalar is the operation of the pickle that makes it. A list, tuple or dict is a
** head, and its values, or keys and values. A value that comes again is the
** operation that gets it from the memo, in which the values have numbers.
**
**   [ 1, "a", {} ]    LIST  length  number  K 1  U 1 a  DICT  0  number
**                     |     4 bytes 4 bytes |           |
**                     |                     '-- length -'-- bytes --'
**
** HIDDEN is the code of a head as well: of values that were popped, and that only
** the memo has.
*/
#ifndef PICKLE_H
#define PICKLE_H

#include "base/base.h"

#define PICKLE_HEAD_BYTES \
  9u /* of an operation, without its text, or of a list */

/* A value of the pickle, where it begins. NULL: none. */
typedef unsigned char *pickle_value;

struct pickle_slot {
  uint32_t place;      /* of the value from the first; or it is a mark */
  uint32_t memo_count; /* when the value was pushed */
};

struct pickle {
  unsigned char *packed; /* the values */
  uint32_t *memo;        /* places of values */
  struct pickle_slot *stack;
  size_t packed_count, memo_count, stack_count;
  size_t packed_capacity, memo_capacity, stack_capacity;
  pickle_value root; /* NULL until the pickle is read */
  uint64_t at;       /* how many bytes of the pickle are read */
  uint64_t moved;    /* how many bytes of values were moved */

  /* an operation that is not read to its end */
  unsigned char head[PICKLE_HEAD_BYTES];
  unsigned head_count;
  uint64_t text_bytes, text_missing; /* of its text */
  bool is_ended;                     /* the last operation was read */

  const char
      *problem; /* why it cannot be read; NULL: nothing is wrong so far */
};

/*
** Reads the next piece of a pickle. false: it cannot be read, and 'problem' says
** why, and 'at' where. PICKLE_NO_MEMORY is one of the reasons. A struct of zeros is an empty pickle. What follows the
** end of a pickle is not looked at.
*/
bool pickle_add(struct pickle *pickle, const char *piece, size_t bytes);

/* Gets the root at the end of the pickle. false: as for pickle_add. */
bool pickle_end(struct pickle *pickle);

extern const char PICKLE_NO_MEMORY[];

/* Frees all values. A struct of zeros is allowed. */
void pickle_close(struct pickle *pickle);

/* The values of a list, or the keys and values of a dict. */
struct pickle_walk {
  pickle_value at, end;
};

/* Begins a walk. false: the value is none, or it is no list, or no dict. */
bool pickle_list(pickle_value value, struct pickle_walk *walk);
bool pickle_dict(pickle_value value, struct pickle_walk *walk);

/* The next value; NULL at the end. */
pickle_value pickle_next(const struct pickle *pickle, struct pickle_walk *walk);

/* How many values a walk still has. */
uint64_t pickle_count(const struct pickle *pickle, struct pickle_walk walk);

/* A number that the caller gives to a list or a dict; 0 at first. */
uint32_t pickle_number(pickle_value value);
void pickle_set_number(pickle_value value, uint32_t number);

/* Gets an integer, of which more than 64 bits are cut. false: it is none. */
bool pickle_integer(pickle_value value, int64_t *integer);

/* Gets a text. NULL: it is none. */
const char *pickle_text(pickle_value value, size_t *bytes);

/* Is a value the word? */
bool pickle_is(pickle_value value, const char *word);

#define PICKLE_KEYS_MAX 4u
#define PICKLE_PAIRS_MAX 64u
#define PICKLE_KEYS_SEEN 64u

/*
** Keys that are looked up in many dicts, together. The dicts of a pickle share
** their keys, mostly, and what a key means is remembered.
*/
struct pickle_keys {
  const char *words[PICKLE_KEYS_MAX]; /* NULL: no other one */
  struct {
    pickle_value key;
    unsigned index; /* of its word; PICKLE_KEYS_MAX: it is none of them */
  } seen[PICKLE_KEYS_SEEN];
};

/*
** Gets the values of the keys of a dict. A value is NULL if the dict does not have its
** key. All are NULL if the value is no dict, or one that has more than
** PICKLE_PAIRS_MAX pairs, so that looking at a dict again and again takes a bounded
** time. Python's dicts have each key once.
*/
void pickle_get(const struct pickle *pickle, pickle_value dict,
                struct pickle_keys *keys, pickle_value *values);

#endif
