#include <stdlib.h>
#include <string.h>

#include "lab/placing.h"

#define WORD_BITS 64u

/* Makes room for one more record and its words. false: there is no memory. */
static bool grow(void *array, size_t element_bytes, struct taken *taken,
                 size_t *capacity, size_t count)
{
  void **elements = array;
  if (count < *capacity)
    return true;
  size_t wanted = *capacity * 2 + 16;
  void *grown = realloc(*elements, wanted * element_bytes);
  if (grown != NULL)
    *elements = grown;
  uint64_t *words = realloc(taken->words, wanted * taken->words_each * 8);
  if (words != NULL)
    taken->words = words;
  if (grown == NULL || words == NULL)
    return false;
  *capacity = wanted;
  return true;
}

static void clear_taken(const struct taken *taken, uint32_t number)
{
  memset(taken->words + number * taken->words_each, 0,
         taken->words_each * sizeof(uint64_t));
}

uint32_t placing_take(const struct taken *taken, uint32_t number)
{
  uint64_t *words = taken->words + number * taken->words_each;
  uint32_t word = 0;
  while (words[word] == UINT64_MAX)
    word++;
  assert(word < taken->words_each);
  uint32_t bit = (uint32_t)__builtin_ctzll(~words[word]);
  words[word] |= UINT64_C(1) << bit;
  return word * WORD_BITS + bit;
}

void placing_give_back(const struct taken *taken, uint32_t number,
                       uint32_t place)
{
  uint64_t *word =
      &taken->words[number * taken->words_each + place / WORD_BITS];
  assert(*word >> (place % WORD_BITS) & 1);
  *word &= ~(UINT64_C(1) << (place % WORD_BITS));
}

uint32_t placing_new_pool(struct placing *placing)
{
  uint32_t number = placing->spare_pool;
  if (number != PLACING_NONE)
    placing->spare_pool = placing->pools[number].spare;
  else if (grow(&placing->pools, sizeof(struct placing_pool),
                &placing->blocks_taken, &placing->pool_capacity,
                placing->pool_count))
    number = placing->pool_count++;
  else
    return PLACING_NONE;
  clear_taken(&placing->blocks_taken, number);
  return number;
}

uint32_t placing_new_arena(struct placing *placing)
{
  uint32_t number = placing->spare_arena;
  if (number != PLACING_NONE)
    placing->spare_arena = placing->arenas[number].spare;
  else if (grow(&placing->arenas, sizeof(struct placing_arena),
                &placing->pools_taken, &placing->arena_capacity,
                placing->arena_count))
    number = placing->arena_count++;
  else
    return PLACING_NONE;
  clear_taken(&placing->pools_taken, number);
  return number;
}

bool placing_open(struct placing *placing, const struct loaded_trace *loaded)
{
  const pym_geometry *geometry = placing->geometry;
  const struct foresight *foresight = placing->foresight;
  placing->spare_pool = placing->spare_arena = PLACING_NONE;
  placing->blocks_taken.words_each =
      pym_class_capacity(geometry, 0) / WORD_BITS + 1;
  placing->pools_taken.words_each =
      geometry_arena_pools(geometry) / WORD_BITS + 1;
  placing->of_handle =
      malloc((loaded->handle_count + 1) * sizeof *placing->of_handle);
  return placing->of_handle != NULL &&
         number_set_open(&placing->pools_with_room,
                         foresight->first_rank[CLASS_COUNT_MAX] + 1) &&
         number_set_open(&placing->arenas_with_room, foresight->end + 1);
}

void placing_close(struct placing *placing)
{
  free(placing->pools);
  free(placing->blocks_taken.words);
  free(placing->arenas);
  free(placing->pools_taken.words);
  free(placing->of_handle);
  number_set_close(&placing->pools_with_room);
  number_set_close(&placing->arenas_with_room);
}
