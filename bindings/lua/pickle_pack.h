/*
** The operations of a pickle work on a stack of values, in which marks begin a
** list's elements, and on a memo. What is on the stack lies in the order of the
** stack in the packed values, so that the values that a list gets stand behind it.
*/
#ifndef PICKLE_PACK_H
#define PICKLE_PACK_H

#include "pickle.h"

#include <string.h>

/* The codes of heads, which are no operations of a pickle. */
enum pickle_head { PICKLE_LIST = 0xf0, PICKLE_DICT, PICKLE_HIDDEN };

/* How an operation is written. */
struct pickle_code {
  uint8_t operand_bytes;
  bool has_text; /* the operand is the length of a text behind it */
};

extern const struct pickle_code pickle_codes[256];

#define PICKLE_MARK UINT32_MAX /* the place of a mark */

/* An integer of some bytes, the lowest first. One of more than 8 is cut. */
static ALWAYS_INLINE uint64_t pickle_load(const unsigned char *from,
                                          uint64_t bytes)
{
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes && i < 8; i++)
    value |= (uint64_t)from[i] << 8 * i;
  return value;
}

static inline uint32_t pickle_load_word(const unsigned char *from)
{
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return word;
}

static inline bool pickle_fail(struct pickle *pickle, const char *problem)
{
  pickle->problem = problem;
  return false;
}

/* Makes room. false: there is none. */
bool pickle_reserve(struct pickle *pickle, size_t bytes);
bool pickle_reserve_slot(struct pickle *pickle);

static inline bool pickle_push_place(struct pickle *pickle, uint32_t place)
{
  if (unlikely(pickle->stack_count == pickle->stack_capacity) &&
      !pickle_reserve_slot(pickle))
    return false;
  pickle->stack[pickle->stack_count++] = (struct pickle_slot){
      .place = place, .memo_count = (uint32_t)pickle->memo_count};
  return true;
}

/*
** Pushes a value, of which the first bytes are given. From 'head' on,
** PICKLE_HEAD_BYTES can be read.
*/
static inline bool pickle_push(struct pickle *pickle, const unsigned char *head,
                               size_t bytes)
{
  size_t count = pickle->packed_count;
  if (unlikely(pickle->packed_capacity - count < PICKLE_HEAD_BYTES) &&
      !pickle_reserve(pickle, PICKLE_HEAD_BYTES))
    return false;
  memcpy(pickle->packed + count, head, PICKLE_HEAD_BYTES);
  pickle->packed_count = count + bytes;
  return pickle_push_place(pickle, (uint32_t)count);
}

/* Gets where the uppermost 'count' values begin, none of which is a mark. */
bool pickle_find_values(struct pickle *pickle, size_t count, size_t *first);

/* Gets where the values above the last mark begin. */
bool pickle_find_marked(struct pickle *pickle, size_t *first);

/* The place of a value, which may be one of the memo. */
uint32_t pickle_find_place(const struct pickle *pickle, uint32_t place);

/* Pushes an empty list or dict. */
bool pickle_push_empty(struct pickle *pickle, enum pickle_head head);

/*
** Makes a list or dict of the values from 'first' on, or adds them to the list or
** dict below 'at'. The stack is cut off at 'at'; the new list is pushed.
*/
bool pickle_make(struct pickle *pickle, enum pickle_head head, size_t first,
                 size_t at);
bool pickle_fill(struct pickle *pickle, enum pickle_head head, size_t first,
                 size_t at);

/* Removes the values from 'first' on. The stack is cut off at 'at'. */
bool pickle_pop(struct pickle *pickle, size_t first, size_t at);

/* Puts the uppermost value into the memo. The numbers are given without gaps. */
bool pickle_memoize(struct pickle *pickle, uint64_t number);

#endif
