/*
** The state of a pickle that is read: its operations work on a stack of values,
** in which marks begin a list's elements, and on a memo, which has values that
** come again.
*/
#ifndef PICKLE_READER_H
#define PICKLE_READER_H

#include "pickle.h"

enum tag { TAG_PLACE, TAG_LIST, TAG_DICT, TAG_MARK };

static inline struct pickle_list *list_of(pickle_value value)
{
  return (struct pickle_list *)(uintptr_t)(value & ~(pickle_value)3);
}

static inline enum tag tag_of(pickle_value value)
{
  return (enum tag)(value & 3);
}

/* An integer of some bytes, the lowest first. One of more than 8 is cut. */
static ALWAYS_INLINE uint64_t load(const unsigned char *from, uint64_t bytes)
{
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes && i < 8; i++)
    value |= (uint64_t)from[i] << 8 * i;
  return value;
}

struct values {
  pickle_value *items;
  size_t count, capacity;
};

struct reader {
  struct pickle *pickle;
  const unsigned char *text;
  size_t bytes, at;
  struct values stack, memo;
  const char *problem; /* why reading fails; NULL: none yet */
};

static inline bool fail(struct reader *reader, const char *problem)
{
  reader->problem = problem;
  return false;
}

/* Makes room for more values. */
bool pickle_grow(struct reader *reader, struct values *values);

static inline bool add(struct reader *reader, struct values *values,
                       pickle_value value)
{
  if (unlikely(values->count == values->capacity) &&
      !pickle_grow(reader, values))
    return false;
  values->items[values->count++] = value;
  return true;
}

static inline bool push(struct reader *reader, pickle_value value)
{
  return add(reader, &reader->stack, value);
}

/* Gets where the uppermost 'count' values begin, none of which is a mark. */
bool pickle_find_values(struct reader *reader, size_t count, size_t *first);

/* Gets where the values above the last mark begin. */
bool pickle_find_marked(struct reader *reader, size_t *first);

/*
** Makes a list of the values from 'first' on, or adds them to the list or dict
** below 'at'. The stack is cut off at 'at'; the new list is pushed.
*/
bool pickle_make(struct reader *reader, enum tag tag, size_t first, size_t at);
bool pickle_fill(struct reader *reader, enum tag tag, size_t first, size_t at);

/* Puts the uppermost value into the memo. The numbers are given without gaps. */
bool pickle_memoize(struct reader *reader, uint64_t number);

/* Pushes the value that the memo has under a number. */
static inline bool recall(struct reader *reader, uint64_t number)
{
  if (unlikely(number >= reader->memo.count))
    return fail(reader, "the pickle refers to what is not there");
  return push(reader, reader->memo.items[number]);
}

#endif
