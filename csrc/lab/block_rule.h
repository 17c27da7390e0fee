/*
** How the simulator takes a block of a pool, and how a block comes back: one
** rule for each value of enum next_block. The rules are passed as constants, so
** that the compiler makes a copy of its caller for each.
**
** As in csrc/state/pool.h, a pool that is not full has a free block at hand: if
** none is linked, one is carved at once.
*/
#ifndef BLOCK_RULE_H
#define BLOCK_RULE_H

#include "lab/simulator.h"

struct block_rule {
  uint32_t (*take)(struct simulator *sim, struct lab_pool *pool);
  void (*give)(struct simulator *sim, struct lab_pool *pool, uint32_t number);
};

/* Carves a block, if the pool has a virgin one. */
static inline void carve_block(struct simulator *sim, struct lab_pool *pool)
{
  const struct design *design = sim->design;
  if (pool->carved == pool->capacity)
    return;
  pool->free = pool->last = pool->carved++;
  sim->links[pool->links + pool->free] = LAB_NONE;
  uint32_t end =
      design->header_bytes + pool->carved * design->class_bytes[pool->szidx];
  if (pool->covered < end)
    pool->covered = end;
}

static inline uint32_t take_front(struct simulator *sim, struct lab_pool *pool)
{
  uint32_t number = pool->free;
  assert(number < pool->carved);
  pool->free = sim->links[pool->links + number];
  if (pool->free == LAB_NONE)
    carve_block(sim, pool);
  return number;
}

static inline void give_front(struct simulator *sim, struct lab_pool *pool,
                              uint32_t number)
{
  sim->links[pool->links + number] = pool->free;
  pool->free = number;
}

static inline void give_last(struct simulator *sim, struct lab_pool *pool,
                             uint32_t number)
{
  sim->links[pool->links + number] = LAB_NONE;
  if (pool->free == LAB_NONE)
    pool->free = number;
  else
    sim->links[pool->links + pool->last] = number;
  pool->last = number;
}

/*
** The chain is kept in the order of addresses: a block is put in its place by a
** walk from the front.
*/
static inline void give_in_order(struct simulator *sim, struct lab_pool *pool,
                                 uint32_t number)
{
  uint32_t *links = &sim->links[pool->links];
  if (pool->free == LAB_NONE || number < pool->free) {
    give_front(sim, pool, number);
    return;
  }
  uint32_t before = pool->free;
  while (links[before] != LAB_NONE && links[before] < number)
    before = links[before];
  links[number] = links[before];
  links[before] = number;
}

static const struct block_rule block_rules[] = {
    [BLOCK_LIFO] = {take_front, give_front},
    [BLOCK_FIFO] = {take_front, give_last},
    [BLOCK_LOWEST] = {take_front, give_in_order},
};

#endif
