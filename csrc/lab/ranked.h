/*
** A set of numbers, each with a rank. ranked_first finds the number with the
** least rank, and of equal ranks the least number. The set is a binary heap
** (the data structure): a change takes time in the logarithm of its size. The
** ranks of a set are all integers, or all made by ranked_of.
**
** No entry comes before its parent, and places[n] is where the entry of n is.
**
** Tested by spec/unit/lab_policies_spec.lua.
*/
#ifndef RANKED_H
#define RANKED_H

#include <string.h>

#include "base/base.h"

#define RANKED_NONE UINT32_MAX

struct ranked_entry {
  uint64_t rank;
  uint32_t number;
};

struct ranked {
  struct ranked_entry *entries;
  size_t count, capacity;
  uint32_t *places; /* by number */
  size_t place_count;
};

/* Puts a number in, or gives it another rank. false: there is no memory. */
bool ranked_put(struct ranked *ranked, uint32_t number, uint64_t rank);

/* The rank for a number that is not NAN; both have the same order. */
static inline uint64_t ranked_of(double number)
{
  uint64_t bits;
  number += 0.0; /* -0.0 becomes 0.0 */
  memcpy(&bits, &number, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* Without a branch, which a processor would often guess wrong. */
static inline bool ranked_is_before(const struct ranked_entry *one,
                                    const struct ranked_entry *other)
{
  return (one->rank < other->rank) |
         ((one->rank == other->rank) & (one->number < other->number));
}

static inline bool ranked_has(const struct ranked *ranked, uint32_t number)
{
  return number < ranked->place_count && ranked->places[number] != RANKED_NONE;
}

/*
** Does the entry at a place come neither before its parent nor after one of its
** children, and is it at the place that is known for its number?
*/
static inline bool ranked_is_ordered_at(const struct ranked *ranked,
                                        size_t place)
{
  const struct ranked_entry *entries = ranked->entries;
  for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++)
    if (child < ranked->count &&
        ranked_is_before(&entries[child], &entries[place]))
      return false;
  return place < ranked->count &&
         ranked->places[entries[place].number] == place &&
         (place == 0 ||
          !ranked_is_before(&entries[place], &entries[(place - 1) / 2]));
}

/* Moves the entry at a place towards the front, or the end, to its place. */
void ranked_rise(struct ranked *ranked, size_t place);
void ranked_sink(struct ranked *ranked, size_t place);

/* Gives a number that is in another rank. */
static inline void ranked_move(struct ranked *ranked, uint32_t number,
                               uint64_t rank)
{
  assert(ranked_has(ranked, number));
  size_t place = ranked->places[number];
  struct ranked_entry *entry = &ranked->entries[place];
  assert(place < ranked->count && entry->number == number);
  uint64_t old = entry->rank;
  entry->rank = rank;
  if (rank >= old) {
    if (2 * place + 1 < ranked->count) /* is there an entry behind it? */
      ranked_sink(ranked, place);
  } else if (place > 0 &&
             ranked_is_before(entry, &ranked->entries[(place - 1) / 2]))
    ranked_rise(ranked, place);
  assert(ranked_is_ordered_at(ranked, ranked->places[number]));
}

/* Adds 1 to the rank of a number that is in. */
static inline void ranked_later(struct ranked *ranked, uint32_t number)
{
  size_t place = ranked->places[number];
  assert(place < ranked->count && ranked->entries[place].number == number);
  ranked->entries[place].rank++;
  if (2 * place + 1 < ranked->count) /* is there an entry behind it? */
    ranked_sink(ranked, place);
}

/* Adds 1 to the rank of the first number. */
static inline void ranked_first_later(struct ranked *ranked)
{
  struct ranked_entry *entries = ranked->entries;
  assert(ranked->count > 0);
  entries[0].rank++;
  if ((ranked->count > 1 && ranked_is_before(&entries[1], &entries[0])) ||
      (ranked->count > 2 && ranked_is_before(&entries[2], &entries[0])))
    ranked_sink(ranked, 0);
}

/* Subtracts 1 from the rank of a number that is in. */
static inline void ranked_sooner(struct ranked *ranked, uint32_t number)
{
  size_t place = ranked->places[number];
  struct ranked_entry *entry = &ranked->entries[place];
  assert(place < ranked->count && entry->number == number && entry->rank > 0);
  entry->rank--;
  if (place > 0 && ranked_is_before(entry, &ranked->entries[(place - 1) / 2]))
    ranked_rise(ranked, place);
}

/* Takes a number out, if it is in. */
void ranked_remove(struct ranked *ranked, uint32_t number);

/* The number with the least rank; RANKED_NONE: the set is empty. */
static inline uint32_t ranked_first(const struct ranked *ranked)
{
  return ranked->count == 0 ? RANKED_NONE : ranked->entries[0].number;
}

void ranked_close(struct ranked *ranked);

#endif
