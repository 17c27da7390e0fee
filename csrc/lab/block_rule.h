/*
** How the simulator takes a block from a pool, and how a freed block comes
** back: one rule for each value of enum next_block. The rules are passed as
** constants, so that the compiler makes a copy of its caller for each.
**
** As in csrc/state/pool.h, a pool that is not full has a free block at hand: if
** no other is free, one is carved at once.
**
**   free --> 4 --> 1 --> 7       a chain through 'links'
**   free = 1, links = 10010000   BLOCK_LOWEST: a bit for each other free block
*/
#ifndef BLOCK_RULE_H
#define BLOCK_RULE_H

#include <string.h>

#include "lab/simulator.h"

struct block_rule {
  uint32_t (*take)(struct simulator *sim, struct lab_pool *pool);
  void (*give)(struct simulator *sim, struct lab_pool *pool, uint32_t number);
};

/* Notes that the bytes of a pool up to the last carved block were in use. */
static inline void cover(const struct simulator *sim, struct lab_pool *pool)
{
  const struct design *design = sim->design;
  uint32_t end =
      design->header_bytes + pool->carved * design->class_bytes[pool->szidx];
  if (pool->covered < end)
    pool->covered = end;
}

/*
** {==================================================================
** A chain of free blocks
** ===================================================================
*/

/* Makes a chain of the carved blocks, all of which are free. */
static inline void chain_all(struct simulator *sim, struct lab_pool *pool)
{
  uint32_t *links = &sim->links[pool->links];
  for (uint32_t i = 0; i + 1 < pool->carved; i++)
    links[i] = i + 1;
  pool->free = 0;
  pool->last = pool->carved - 1;
  links[pool->last] = LAB_NONE;
}

/* Carves a block for an empty chain, if the pool has a virgin one. */
static inline void carve_block(struct simulator *sim, struct lab_pool *pool)
{
  assert(pool->free == LAB_NONE);
  if (pool->carved == pool->capacity)
    return;
  pool->free = pool->last = pool->carved++;
  sim->links[pool->links + pool->free] = LAB_NONE;
  cover(sim, pool);
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

/* Takes the block that a function of the caller chooses. */
static inline uint32_t take_asked(struct simulator *sim, struct lab_pool *pool)
{
  uint32_t number = simulator_ask_block(sim, pool);
  uint32_t *link = &pool->free;
  while (*link != number) {
    assert(*link != LAB_NONE);
    link = &sim->links[pool->links + *link];
  }
  *link = sim->links[pool->links + number];
  if (pool->free == LAB_NONE)
    carve_block(sim, pool);
  return number;
}

/* }================================================================== */

/*
** {==================================================================
** A set of bits
** ===================================================================
*/

#define LINK_BITS 32u

/* Marks the carved blocks, all of which are free. */
static inline void mark_all(struct simulator *sim, struct lab_pool *pool)
{
  uint32_t *words = &sim->links[pool->links];
  memset(words, 0, pool->link_count * sizeof words[0]);
  pool->free = 0;
  for (uint32_t i = 1; i < pool->carved; i++)
    words[i / LINK_BITS] |= UINT32_C(1) << i % LINK_BITS;
}

/* Every free block is above the one that is taken, which was the lowest. */
static inline uint32_t take_lowest(struct simulator *sim, struct lab_pool *pool)
{
  uint32_t number = pool->free;
  uint32_t *words = &sim->links[pool->links];
  uint32_t word = number / LINK_BITS;
  uint32_t word_end = (pool->carved + LINK_BITS - 1) / LINK_BITS;
  assert(number < pool->carved);
  while (word < word_end && words[word] == 0)
    word++;
  if (word < word_end) {
    pool->free = word * LINK_BITS + (uint32_t)__builtin_ctz(words[word]);
    words[word] &= words[word] - 1;
  } else if (pool->carved < pool->capacity) {
    pool->free = pool->carved++;
    cover(sim, pool);
  } else
    pool->free = LAB_NONE;
  return number;
}

static inline void give_lowest(struct simulator *sim, struct lab_pool *pool,
                               uint32_t number)
{
  uint32_t later = number < pool->free ? pool->free : number;
  if (number < pool->free)
    pool->free = number;
  if (later != LAB_NONE)
    sim->links[pool->links + later / LINK_BITS] |= UINT32_C(1)
                                                   << later % LINK_BITS;
}

/* }================================================================== */

/* Places in 'links' that a pool with this many blocks needs. */
static inline uint32_t links_wanted(const struct design *design,
                                    uint32_t capacity)
{
  return design->next_block == BLOCK_LOWEST
             ? (capacity + LINK_BITS - 1) / LINK_BITS
             : capacity;
}

static const struct block_rule lifo_rule = {take_front, give_front};
static const struct block_rule fifo_rule = {take_front, give_last};
static const struct block_rule lowest_rule = {take_lowest, give_lowest};
static const struct block_rule asked_rule = {take_asked, give_front};

#endif
