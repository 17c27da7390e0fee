/*
** A set of numbered things, of which the one with the least rank is asked for;
** of equal ranks, the one with the least number. It is a heap, in the sense of
** the data structure: a change costs the logarithm of the count.
**
** No entry comes before its parent, and places[n] is where the entry of n is.
**
** Tested by spec/unit/lab_policies_spec.lua.
*/
#ifndef RANKED_H
#define RANKED_H

#include "base/base.h"

#define RANKED_NONE UINT32_MAX

struct ranked_entry {
  double rank;
  uint32_t number;
};

struct ranked {
  struct ranked_entry *entries;
  size_t count, capacity;
  uint32_t *places; /* by number */
  size_t place_count;
};

/* Puts a number in, or gives it another rank. false: there is no memory. */
bool ranked_put(struct ranked *ranked, uint32_t number, double rank);

/* Gives a number that is in another rank. */
void ranked_move(struct ranked *ranked, uint32_t number, double rank);

/* Takes a number out, if it is in. */
void ranked_remove(struct ranked *ranked, uint32_t number);

/* The number with the least rank; RANKED_NONE: the set is empty. */
static inline uint32_t ranked_first(const struct ranked *ranked)
{
  return ranked->count == 0 ? RANKED_NONE : ranked->entries[0].number;
}

void ranked_close(struct ranked *ranked);

#endif
