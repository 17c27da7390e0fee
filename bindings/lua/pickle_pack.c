#include "pickle_pack.h"

#include <stdlib.h>

const char PICKLE_NO_MEMORY[] = "not enough memory";

/*
** {==================================================================
** Memory
** ===================================================================
*/

#define SIZE_HALF (SIZE_MAX / 2)
#define PACKED_MAX \
  ((SIZE_HALF < UINT32_MAX ? SIZE_HALF : UINT32_MAX) - (size_t)4096)
#define COUNT_MAX ((size_t)1 << 28) /* their bytes are a size of 32 bits */

bool pickle_reserve(struct pickle *pickle, size_t bytes)
{
  size_t count = pickle->packed_count;
  if (bytes <= pickle->packed_capacity - count)
    return true;
  if (bytes > PACKED_MAX - count)
    return pickle_fail(pickle, PICKLE_NO_MEMORY);
  size_t capacity = count + bytes;
  capacity += capacity / 2 + 4096;
  unsigned char *packed = realloc(pickle->packed, capacity);
  if (packed == NULL)
    return pickle_fail(pickle, PICKLE_NO_MEMORY);
  pickle->packed = packed;
  pickle->packed_capacity = capacity;
  return true;
}

/* Enlarges an array of elements of this size; NULL: there is no memory. */
static void *grow(struct pickle *pickle, void *array, size_t *capacity,
                  size_t size)
{
  size_t next = *capacity * 2 + 64;
  void *larger = next <= COUNT_MAX ? realloc(array, next * size) : NULL;
  if (larger != NULL)
    *capacity = next;
  else
    pickle->problem = PICKLE_NO_MEMORY;
  return larger;
}

bool pickle_reserve_slot(struct pickle *pickle)
{
  struct pickle_slot *stack =
      grow(pickle, pickle->stack, &pickle->stack_capacity, sizeof stack[0]);
  if (stack == NULL)
    return false;
  pickle->stack = stack;
  return true;
}

void pickle_close(struct pickle *pickle)
{
  free(pickle->packed);
  free(pickle->memo);
  free(pickle->stack);
  *pickle = (struct pickle){.packed = NULL};
}

/* }================================================================== */

/*
** {==================================================================
** The memo
** ===================================================================
*/

uint32_t pickle_find_place(const struct pickle *pickle, uint32_t place)
{
  const unsigned char *value = pickle->packed + place;
  if (value[0] == 'h')
    return pickle->memo[value[1]];
  return value[0] == 'j' ? pickle->memo[pickle_load(value + 1, 4)] : place;
}

bool pickle_memoize(struct pickle *pickle, uint64_t number)
{
  size_t first;
  if (!pickle_find_values(pickle, 1, &first))
    return false;
  uint32_t place = pickle_find_place(pickle, pickle->stack[first].place);
  if (number > pickle->memo_count)
    return pickle_fail(pickle, "the pickle has a gap in its memo");
  if (number < pickle->memo_count)
    return pickle->memo[number] == place ||
           pickle_fail(pickle, "the pickle changes its memo");
  if (pickle->memo_count == pickle->memo_capacity) {
    uint32_t *memo = grow(pickle, pickle->memo, &pickle->memo_capacity,
                          sizeof pickle->memo[0]);
    if (memo == NULL)
      return false;
    pickle->memo = memo;
  }
  pickle->memo[pickle->memo_count++] = place;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** The stack
** ===================================================================
*/

bool pickle_find_values(struct pickle *pickle, size_t count, size_t *first)
{
  size_t top = pickle->stack_count;
  for (size_t i = 0; i < count; i++)
    if (i == top || pickle->stack[top - 1 - i].place == PICKLE_MARK)
      return pickle_fail(pickle, "the pickle pops what is not there");
  *first = top - count;
  return true;
}

bool pickle_find_marked(struct pickle *pickle, size_t *first)
{
  size_t at = pickle->stack_count;
  while (at > 0 && pickle->stack[at - 1].place != PICKLE_MARK)
    at--;
  if (at == 0)
    return pickle_fail(pickle, "the pickle has no mark");
  *first = at;
  return true;
}

/* A dict gets keys and values. */
static bool fits(struct pickle *pickle, enum pickle_head head, size_t count)
{
  return head != PICKLE_DICT || count % 2 == 0 ||
         pickle_fail(pickle, "the pickle has a key without a value");
}

bool pickle_push_empty(struct pickle *pickle, enum pickle_head head)
{
  unsigned char bytes[PICKLE_HEAD_BYTES] = {(unsigned char)head};
  return pickle_push(pickle, bytes, sizeof bytes);
}

/* Writes the length of a head, behind which all is in it. */
static void set_length(struct pickle *pickle, size_t place)
{
  uint32_t length =
      (uint32_t)(pickle->packed_count - place - PICKLE_HEAD_BYTES);
  memcpy(pickle->packed + place + 1, &length, sizeof length);
}

/*
** Counts bytes that are moved. Tuples within tuples move again what is in them: a
** pickle must not cost more than some hundred times its length.
*/
static bool may_move(struct pickle *pickle, uint64_t bytes)
{
  pickle->moved += bytes;
  return pickle->moved <= (UINT64_C(1) << 24) + 256 * pickle->packed_count ||
         pickle_fail(pickle, "the pickle has too many tuples in tuples");
}

/*
** Puts a head before the values from 'place' on. Values of the memo from a number
** on may be among them.
*/
static bool wrap(struct pickle *pickle, enum pickle_head head, size_t place,
                 size_t memo_first)
{
  size_t bytes = pickle->packed_count - place;
  size_t memoized = pickle->memo_count - memo_first;
  if (!may_move(pickle, bytes + memoized * sizeof pickle->memo[0]) ||
      !pickle_reserve(pickle, PICKLE_HEAD_BYTES))
    return false;
  unsigned char *from = pickle->packed + place;
  memmove(from + PICKLE_HEAD_BYTES, from, bytes);
  memset(from, 0, PICKLE_HEAD_BYTES);
  from[0] = (unsigned char)head;
  for (size_t i = memo_first; i < pickle->memo_count; i++)
    if (pickle->memo[i] >= place)
      pickle->memo[i] += PICKLE_HEAD_BYTES;
  pickle->packed_count += PICKLE_HEAD_BYTES;
  set_length(pickle, place);
  return true;
}

bool pickle_make(struct pickle *pickle, enum pickle_head head, size_t first,
                 size_t at)
{
  size_t count = pickle->stack_count - first;
  if (!fits(pickle, head, count))
    return false;
  struct pickle_slot slot =
      count > 0 ? pickle->stack[first]
                : (struct pickle_slot){(uint32_t)pickle->packed_count,
                                       (uint32_t)pickle->memo_count};
  if (!wrap(pickle, head, slot.place, slot.memo_count))
    return false;
  pickle->stack_count = at;
  return pickle_push_place(pickle, slot.place);
}

bool pickle_fill(struct pickle *pickle, enum pickle_head head, size_t first,
                 size_t at)
{
  if (at == 0 || pickle->stack[at - 1].place == PICKLE_MARK)
    return pickle_fail(
        pickle, "the pickle adds to a value that is neither a list nor a dict");
  uint32_t place = pickle->stack[at - 1].place;
  if (pickle->packed[pickle_find_place(pickle, place)] != head)
    return pickle_fail(
        pickle, "the pickle adds to a value that is neither a list nor a dict");
  if (pickle->packed[place] != head)
    return pickle_fail(pickle, "the pickle adds to a value of its memo");
  if (!fits(pickle, head, pickle->stack_count - first))
    return false;
  set_length(pickle, place);
  pickle->stack_count = at;
  return true;
}

bool pickle_pop(struct pickle *pickle, size_t first, size_t at)
{
  if (first < pickle->stack_count) {
    const struct pickle_slot *slot = &pickle->stack[first];
    if (slot->memo_count == pickle->memo_count)
      pickle->packed_count = slot->place;
    else if (!wrap(pickle, PICKLE_HIDDEN, slot->place, slot->memo_count))
      return false;
  }
  pickle->stack_count = at;
  return true;
}

/* }================================================================== */
