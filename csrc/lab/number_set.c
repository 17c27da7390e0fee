#include "lab/number_set.h"

#include <stdlib.h>

#define WORD_BITS 64u
#define WORD_SHIFT 6u

/* The number of words of a level, which may be one more than are needed. */
static size_t words_of_level(uint32_t limit, unsigned level)
{
  return ((size_t)limit >> (WORD_SHIFT * (level + 1))) + 1;
}

bool number_set_open(struct number_set *set, uint32_t limit)
{
  bool is_open = true;
  *set = (struct number_set){.limit = limit};
  for (unsigned level = 0; level < NUMBER_SET_LEVELS; level++) {
    set->levels[level] = calloc(words_of_level(limit, level), sizeof(uint64_t));
    is_open = is_open && set->levels[level] != NULL;
  }
  set->owners = malloc(((size_t)limit + 1) * sizeof *set->owners);
  if (is_open && set->owners != NULL)
    return true;
  number_set_close(set);
  return false;
}

void number_set_close(struct number_set *set)
{
  for (unsigned level = 0; level < NUMBER_SET_LEVELS; level++)
    free(set->levels[level]);
  free(set->owners);
  *set = (struct number_set){0};
}

void number_set_add(struct number_set *set, uint32_t number, uint32_t owner)
{
  assert(number < set->limit);
  set->owners[number] = owner;
  for (unsigned level = 0; level < NUMBER_SET_LEVELS; level++) {
    uint64_t *word = &set->levels[level][number >> WORD_SHIFT];
    uint64_t before = *word;
    *word |= UINT64_C(1) << (number % WORD_BITS);
    if (before != 0)
      return;
    number >>= WORD_SHIFT;
  }
}

void number_set_remove(struct number_set *set, uint32_t number)
{
  assert(number < set->limit);
  for (unsigned level = 0; level < NUMBER_SET_LEVELS; level++) {
    uint64_t *word = &set->levels[level][number >> WORD_SHIFT];
    *word &= ~(UINT64_C(1) << (number % WORD_BITS));
    if (*word != 0)
      return;
    number >>= WORD_SHIFT;
  }
}

/* The least number of the set in the word 'index' of a level. */
static uint32_t first_of(const struct number_set *set, unsigned level,
                         uint32_t index)
{
  for (;;) {
    uint64_t word = set->levels[level][index];
    assert(word != 0);
    index = (index << WORD_SHIFT) | (uint32_t)__builtin_ctzll(word);
    if (level-- == 0)
      return index;
  }
}

static uint32_t last_of(const struct number_set *set, unsigned level,
                        uint32_t index)
{
  for (;;) {
    uint64_t word = set->levels[level][index];
    assert(word != 0);
    index = (index << WORD_SHIFT) |
            (WORD_BITS - 1 - (uint32_t)__builtin_clzll(word));
    if (level-- == 0)
      return index;
  }
}

/*
** Looks right of the number in its word, then in the word of the level above.
*/
uint32_t number_set_next(const struct number_set *set, uint32_t number)
{
  for (unsigned level = 0; level < NUMBER_SET_LEVELS; level++) {
    uint32_t index = number >> WORD_SHIFT;
    if (index >= words_of_level(set->limit, level))
      return NUMBER_SET_NONE;
    uint64_t rest = set->levels[level][index] >> (number % WORD_BITS);
    if (rest != 0) {
      uint32_t found = number + (uint32_t)__builtin_ctzll(rest);
      return level == 0 ? found : first_of(set, level - 1, found);
    }
    number = index + 1;
  }
  return NUMBER_SET_NONE;
}

uint32_t number_set_before(const struct number_set *set, uint32_t number)
{
  for (unsigned level = 0; level < NUMBER_SET_LEVELS; level++) {
    uint32_t index = number >> WORD_SHIFT;
    uint64_t below = (UINT64_C(1) << (number % WORD_BITS)) - 1;
    uint64_t rest = set->levels[level][index] & below;
    if (rest != 0) {
      uint32_t found = (index << WORD_SHIFT) |
                       (WORD_BITS - 1 - (uint32_t)__builtin_clzll(rest));
      return level == 0 ? found : last_of(set, level - 1, found);
    }
    number = index;
  }
  return NUMBER_SET_NONE;
}
