/*
** Which pool of a class the simulator serves from: a rule for the ring of
** CPython, one for each of the two policies that rank pools by their live blocks,
** and one for all policies that rank pools. They are passed as constants, as
** those of block_rule.h.
*/
#ifndef POOL_RULE_H
#define POOL_RULE_H

#include "lab/simulator.h"

struct pool_rule {
  uint32_t (*first)(const struct simulator *sim, uint32_t szidx);
  void (*add)(struct simulator *sim, uint32_t number);
  void (*remove)(struct simulator *sim, uint32_t number);
  /* A block was taken from the first pool, or given to a pool. */
  void (*taken)(struct simulator *sim, uint32_t number);
  void (*given)(struct simulator *sim, uint32_t number);
};

static inline uint32_t ring_first(const struct simulator *sim, uint32_t szidx)
{
  return sim->used[szidx];
}

/* Do the neighbours of a pool link to it? */
static inline bool ring_has(const struct simulator *sim, uint32_t number)
{
  const struct lab_pool *pool = &sim->pools[number];
  return number == (pool->prev == LAB_NONE ? sim->used[pool->szidx]
                                           : sim->pools[pool->prev].next) &&
         (pool->next == LAB_NONE || sim->pools[pool->next].prev == number);
}

static inline void ring_add(struct simulator *sim, uint32_t number)
{
  struct lab_pool *pool = &sim->pools[number];
  uint32_t *front = &sim->used[pool->szidx];
  assert(lab_pool_is_used(pool) && *front != number);
  pool->prev = LAB_NONE;
  pool->next = *front;
  if (*front != LAB_NONE)
    sim->pools[*front].prev = number;
  *front = number;
  assert(ring_has(sim, number));
}

static inline void ring_remove(struct simulator *sim, uint32_t number)
{
  const struct lab_pool *pool = &sim->pools[number];
  assert(!lab_pool_is_used(pool) && ring_has(sim, number));
  if (pool->next != LAB_NONE)
    sim->pools[pool->next].prev = pool->prev;
  if (pool->prev != LAB_NONE)
    sim->pools[pool->prev].next = pool->next;
  else
    sim->used[pool->szidx] = pool->next;
}

static inline void no_change(struct simulator *sim, uint32_t number)
{
  (void)sim;
  (void)number;
  assert(lab_pool_is_used(&sim->pools[number]) && ring_has(sim, number));
}

static NOINLINE double ask_pool_rank(struct simulator *sim, uint32_t number)
{
  const struct design_calls *calls = &sim->design->calls;
  struct pool_facts facts = simulator_pool_facts(sim, number);
  double rank = 0;
  if (!sim->has_failed && !calls->rank_pool(calls->context, &facts, &rank))
    sim->has_failed = true;
  return rank;
}

static inline uint64_t pool_rank(struct simulator *sim, uint32_t number)
{
  const struct lab_pool *pool = &sim->pools[number];
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum;
     POOL_FRONT has no ranks */
  switch (sim->design->next_pool) {
  /* GCOVR_EXCL_BR_STOP */
  case POOL_FULLEST:
    return pool->capacity - pool->count;
  case POOL_EMPTIEST:
    return pool->count;
  case POOL_LOWEST:
    return simulator_address(sim, number);
  case POOL_RANKED:
    return ranked_of(ask_pool_rank(sim, number));
  case POOL_FRONT:
    break;
  }
  return 0;
}

static uint32_t ranked_pool_first(const struct simulator *sim, uint32_t szidx)
{
  return ranked_first(&sim->ranked[szidx]);
}

static void ranked_pool_add(struct simulator *sim, uint32_t number)
{
  struct ranked *ranked = &sim->ranked[sim->pools[number].szidx];
  assert(lab_pool_is_used(&sim->pools[number]) && !ranked_has(ranked, number));
  if (!ranked_put(ranked, number, pool_rank(sim, number)))
    sim->has_failed = true;
}

static void ranked_pool_remove(struct simulator *sim, uint32_t number)
{
  struct ranked *ranked = &sim->ranked[sim->pools[number].szidx];
  assert(!lab_pool_is_used(&sim->pools[number]) && ranked_has(ranked, number));
  ranked_remove(ranked, number);
}

static void ranked_pool_change(struct simulator *sim, uint32_t number)
{
  assert(lab_pool_is_used(&sim->pools[number]));
  if (sim->design->next_pool != POOL_LOWEST)
    ranked_move(&sim->ranked[sim->pools[number].szidx], number,
                pool_rank(sim, number));
}

static ALWAYS_INLINE struct ranked *ranked_with(struct simulator *sim,
                                                uint32_t number)
{
  return &sim->ranked[sim->pools[number].szidx];
}

/* The first pool has a block more: another one may be emptier. */
static ALWAYS_INLINE void emptiest_taken(struct simulator *sim, uint32_t number)
{
  ranked_first_later(ranked_with(sim, number));
}

static ALWAYS_INLINE void emptiest_given(struct simulator *sim, uint32_t number)
{
  ranked_sooner(ranked_with(sim, number), number);
}

/* The first pool has a block more: it stays the fullest. */
static ALWAYS_INLINE void fullest_taken(struct simulator *sim, uint32_t number)
{
  ranked_sooner(ranked_with(sim, number), number);
}

static ALWAYS_INLINE void fullest_given(struct simulator *sim, uint32_t number)
{
  ranked_later(ranked_with(sim, number), number);
}

static const struct pool_rule ring_rule = {ring_first, ring_add, ring_remove,
                                           no_change, no_change};
static const struct pool_rule fullest_rule = {
    ranked_pool_first, ranked_pool_add, ranked_pool_remove, fullest_taken,
    fullest_given};
static const struct pool_rule emptiest_rule = {
    ranked_pool_first, ranked_pool_add, ranked_pool_remove, emptiest_taken,
    emptiest_given};
static const struct pool_rule ranked_rule = {
    ranked_pool_first, ranked_pool_add, ranked_pool_remove, ranked_pool_change,
    ranked_pool_change};

#endif
