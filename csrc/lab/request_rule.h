/*
** How a simulation runs a request. The policies of blocks and pools are passed
** as constants, so that the compiler makes a copy of run_request for each pair.
*/
#ifndef REQUEST_RULE_H
#define REQUEST_RULE_H

#include "lab/block_rule.h"
#include "lab/pool_rule.h"
#include "lab/simulation.h"

struct rules {
  const struct block_rule *blocks;
  const struct pool_rule *pools;
  bool is_plain; /* there is no cache in front of the pools */
};

/*
** {==================================================================
** Blocks of pools
** ===================================================================
*/

/* Takes a block of a class. false: no pool has one. */
static ALWAYS_INLINE bool take(struct simulator *sim, uint32_t szidx,
                               const struct rules *rules,
                               struct lab_place *taken)
{
  uint32_t number = rules->pools->first(sim, szidx);
  bool is_begun = number == LAB_NONE;
  if (unlikely(is_begun)) {
    number = simulator_begin_pool(sim, szidx);
    if (number == LAB_NONE)
      return false;
  }
  struct lab_pool *pool = &sim->pools[number];
  assert(pool->szidx == szidx && (is_begun || lab_pool_is_used(pool)));
  taken->pool = number;
  taken->block = rules->blocks->take(sim, pool);
  pool->count++;
  assert(pool->count <= pool->capacity);
  if (unlikely(is_begun)) {
    if (pool->count < pool->capacity)
      rules->pools->add(sim, number);
  } else if (unlikely(pool->count == pool->capacity))
    rules->pools->remove(sim, number);
  else
    rules->pools->taken(sim, number);
  return true;
}

static ALWAYS_INLINE void give(struct simulator *sim,
                               const struct lab_place *given,
                               const struct rules *rules)
{
  struct lab_pool *pool = &sim->pools[given->pool];
  bool was_full = pool->count == pool->capacity;
  assert(pool->count > 0);
  rules->blocks->give(sim, pool, given->block);
  pool->count--;
  if (unlikely(pool->count == 0)) {
    if (!was_full)
      rules->pools->remove(sim, given->pool);
    simulator_end_pool(sim, given->pool);
  } else if (unlikely(was_full))
    rules->pools->add(sim, given->pool);
  else
    rules->pools->given(sim, given->pool);
}

/* The same with the cache in front. */
static ALWAYS_INLINE bool take_cached(struct simulator *sim, uint32_t szidx,
                                      const struct rules *rules,
                                      struct lab_place *taken)
{
  if (rules->is_plain || sim->cached[szidx] == 0)
    return take(sim, szidx, rules, taken);
  size_t first = (size_t)szidx * sim->design->cache_blocks;
  *taken = sim->cache[first + --sim->cached[szidx]];
  assert(sim->pools[taken->pool].szidx == szidx &&
         sim->pools[taken->pool].count > 0);
  return true;
}

static ALWAYS_INLINE void give_cached(struct simulator *sim,
                                      const struct lab_place *given,
                                      const struct rules *rules)
{
  uint32_t szidx = sim->pools[given->pool].szidx;
  if (rules->is_plain || sim->cached[szidx] == sim->design->cache_blocks) {
    give(sim, given, rules);
    return;
  }
  size_t first = (size_t)szidx * sim->design->cache_blocks;
  assert(sim->cached[szidx] < sim->design->cache_blocks);
  sim->cache[first + sim->cached[szidx]++] = *given;
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

/* Counts the block of a handle as dead, and gives it back. */
static ALWAYS_INLINE void end_block(struct simulation *self,
                                    const struct lab_block *old,
                                    const struct rules *rules)
{
  if (unlikely(old->pool == RAW)) {
    self->raw_bytes -= old->bytes;
    return;
  }
  struct lab_place place = {old->pool, old->block};
  self->live_bytes -= old->bytes;
  self->sim.counts.live_block_bytes -= simulation_block_bytes(self, old);
  give_cached(&self->sim, &place, rules);
}

/* Serves a request by a pool or by raw, as a block of its own. */
static ALWAYS_INLINE struct lab_block
serve(struct simulation *self, uint64_t bytes, const struct rules *rules)
{
  struct simulator *sim = &self->sim;
  struct lab_place place;
  if (likely(bytes - 1 < sim->design->threshold)) { /* 0 wraps around */
    uint32_t szidx = sim->class_of[bytes];
    if (likely(take_cached(sim, szidx, rules, &place))) {
      self->measures->small++;
      self->live_bytes += bytes;
      sim->counts.live_block_bytes += sim->design->class_bytes[szidx];
      return (struct lab_block){place.pool, place.block, bytes};
    }
  }
  self->measures->raw++;
  self->raw_bytes += bytes;
  return (struct lab_block){RAW, 0, bytes};
}

/* The rule of realloc: enough room, and more than three quarters in use. */
static inline bool fits(uint64_t bytes, uint32_t block_bytes)
{
  return bytes <= block_bytes && 4 * bytes > 3 * (uint64_t)block_bytes;
}

/* A raw block stays one; the new block is served before the old one ends. */
static ALWAYS_INLINE void resize(struct simulation *self,
                                 struct lab_block *live, uint64_t bytes,
                                 const struct rules *rules)
{
  struct lab_block old = *live;
  if (old.pool == RAW) {
    self->measures->raw++;
    self->raw_bytes += bytes - old.bytes;
    live->bytes = bytes;
  } else if (fits(bytes, simulation_block_bytes(self, &old))) {
    self->measures->small++;
    self->live_bytes += bytes - old.bytes;
    live->bytes = bytes;
  } else {
    *live = serve(self, bytes, rules);
    end_block(self, &old, rules);
  }
}

static inline struct lab_block *live_of(const struct simulation *self,
                                        const struct request *request)
{
  assert(request->handle < self->loaded->handle_count);
  return &self->live[request->handle];
}

/* Runs a request. false: it is refused. */
static ALWAYS_INLINE bool run_request(struct simulation *self,
                                      const struct request *request,
                                      const struct rules *rules)
{
  if (request->letter == TRACE_FREE) {
    if (unlikely(request->handle == LOADED_TRACE_NO_HANDLE))
      return true;
    struct lab_block *ended = live_of(self, request);
    if (unlikely(ended->pool == DEAD))
      return true;
    end_block(self, ended, rules);
    ended->pool = DEAD;
    return true;
  }
  struct lab_block *live = live_of(self, request);
  if (unlikely(request->bytes > REQUEST_MAX_64))
    return false;
  if (live->pool != DEAD)
    resize(self, live, request->bytes, rules);
  else
    *live = serve(self, request->bytes, rules);
  return true;
}

/* }================================================================== */

#endif
