#include "lab/simulate.h"

#include <stdlib.h>

#include "lab/block_rule.h"
#include "lab/pool_rule.h"
#include "lab/simulation.h"

/*
** {==================================================================
** Blocks of pools
** ===================================================================
*/

/* Takes a block of a class. false: no pool has one. */
static ALWAYS_INLINE bool take(struct simulator *sim, uint32_t szidx,
                               const struct block_rule *blocks,
                               const struct pool_rule *pools,
                               struct lab_place *taken)
{
  uint32_t number = pools->first(sim, szidx);
  bool is_begun = number == LAB_NONE;
  if (unlikely(is_begun)) {
    number = simulator_begin_pool(sim, szidx);
    if (number == LAB_NONE)
      return false;
  }
  struct lab_pool *pool = &sim->pools[number];
  taken->pool = number;
  taken->block = blocks->take(sim, pool);
  pool->count++;
  assert(pool->count <= pool->capacity);
  if (unlikely(is_begun)) {
    if (pool->count < pool->capacity)
      pools->add(sim, number);
  } else if (unlikely(pool->count == pool->capacity))
    pools->remove(sim, number);
  else
    pools->change(sim, number);
  return true;
}

static ALWAYS_INLINE void give(struct simulator *sim,
                               const struct lab_place *given,
                               const struct block_rule *blocks,
                               const struct pool_rule *pools)
{
  struct lab_pool *pool = &sim->pools[given->pool];
  bool was_full = pool->count == pool->capacity;
  assert(pool->count > 0);
  blocks->give(sim, pool, given->block);
  pool->count--;
  if (unlikely(pool->count == 0)) {
    if (!was_full)
      pools->remove(sim, given->pool);
    simulator_end_pool(sim, given->pool);
  } else if (unlikely(was_full))
    pools->add(sim, given->pool);
  else
    pools->change(sim, given->pool);
}

/* The same with the cache in front. */
static ALWAYS_INLINE bool take_cached(struct simulator *sim, uint32_t szidx,
                                      const struct block_rule *blocks,
                                      const struct pool_rule *pools,
                                      struct lab_place *taken)
{
  if (sim->design->cache_blocks == 0 || sim->cached[szidx] == 0)
    return take(sim, szidx, blocks, pools, taken);
  size_t first = (size_t)szidx * sim->design->cache_blocks;
  *taken = sim->cache[first + --sim->cached[szidx]];
  return true;
}

static ALWAYS_INLINE void give_cached(struct simulator *sim,
                                      const struct lab_place *given,
                                      const struct block_rule *blocks,
                                      const struct pool_rule *pools)
{
  uint32_t szidx = sim->pools[given->pool].szidx;
  if (sim->cached[szidx] == sim->design->cache_blocks) {
    give(sim, given, blocks, pools);
    return;
  }
  size_t first = (size_t)szidx * sim->design->cache_blocks;
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
                                    const struct block_rule *blocks,
                                    const struct pool_rule *pools)
{
  if (unlikely(old->pool == RAW)) {
    self->raw_bytes -= old->bytes;
    return;
  }
  struct lab_place place = {old->pool, old->block};
  self->live_bytes -= old->bytes;
  self->sim.counts.live_block_bytes -= simulation_block_bytes(self, old);
  give_cached(&self->sim, &place, blocks, pools);
}

/* Serves a request by a pool or by raw, as a block of its own. */
static ALWAYS_INLINE struct lab_block serve(struct simulation *self,
                                            uint64_t bytes,
                                            const struct block_rule *blocks,
                                            const struct pool_rule *pools)
{
  struct simulator *sim = &self->sim;
  struct lab_place place;
  if (likely(bytes - 1 < sim->design->threshold)) { /* 0 wraps around */
    uint32_t szidx = sim->class_of[bytes];
    if (likely(take_cached(sim, szidx, blocks, pools, &place))) {
      self->result->small++;
      self->live_bytes += bytes;
      sim->counts.live_block_bytes += sim->design->class_bytes[szidx];
      return (struct lab_block){place.pool, place.block, bytes};
    }
  }
  self->result->raw++;
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
                                 const struct block_rule *blocks,
                                 const struct pool_rule *pools)
{
  struct lab_block old = *live;
  if (old.pool == RAW) {
    self->result->raw++;
    self->raw_bytes += bytes - old.bytes;
    live->bytes = bytes;
  } else if (fits(bytes, simulation_block_bytes(self, &old))) {
    self->result->small++;
    self->live_bytes += bytes - old.bytes;
    live->bytes = bytes;
  } else {
    *live = serve(self, bytes, blocks, pools);
    end_block(self, &old, blocks, pools);
  }
}

/* Runs a request. false: it is refused. */
static ALWAYS_INLINE bool run_request(struct simulation *self,
                                      const struct request *request,
                                      const struct block_rule *blocks,
                                      const struct pool_rule *pools)
{
  if (request->letter == TRACE_FREE) {
    if (unlikely(request->handle == LOADED_TRACE_NO_HANDLE) ||
        unlikely(self->live[request->handle].pool == DEAD))
      return true;
    end_block(self, &self->live[request->handle], blocks, pools);
    self->live[request->handle].pool = DEAD;
    return true;
  }
  struct lab_block *live = &self->live[request->handle];
  if (unlikely(request->bytes > REQUEST_MAX)) {
    self->result->refused++;
    return false;
  }
  if (live->pool != DEAD)
    resize(self, live, request->bytes, blocks, pools);
  else
    *live = serve(self, request->bytes, blocks, pools);
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Runs
** ===================================================================
*/

static NOINLINE void allow_arenas(struct simulation *self)
{
  const struct loaded_trace *loaded = self->loaded;
  for (; self->next_allowance < loaded->allowance_count &&
         loaded->allowances[self->next_allowance].after == self->sim.request;
       self->next_allowance++)
    self->sim.allowed = loaded->allowances[self->next_allowance].arenas;
}

/* Runs to request number 'stop'. Compiled once for each pair of rules. */
static ALWAYS_INLINE void run_by(struct simulation *self, size_t stop,
                                 const struct block_rule *blocks,
                                 const struct pool_rule *pools)
{
  struct simulator *sim = &self->sim;
  const struct loaded_trace *loaded = self->loaded;
  while (sim->request < stop && !sim->has_failed) {
    const struct request *request = &loaded->items[sim->request];
    if (unlikely(self->next_allowance < loaded->allowance_count))
      allow_arenas(self);
    sim->request++;
    if (unlikely(sim->due_first < sim->due_count))
      simulator_release_due(sim);
    bool is_served = run_request(self, request, blocks, pools);
    simulation_measure(self);
    if (unlikely(self->writer != NULL))
      simulation_write_placement(self, request, is_served);
  }
}

static NOINLINE void run_as_cpython(struct simulation *self, size_t stop)
{
  run_by(self, stop, &block_rules[BLOCK_LIFO], &ring_rule);
}

static NOINLINE void run_any(struct simulation *self, size_t stop)
{
  const struct design *design = self->sim.design;
  run_by(self, stop, &block_rules[design->next_block],
         design->next_pool == POOL_FRONT ? &ring_rule : &ranked_rule);
}

static void run_to(struct simulation *self, size_t stop)
{
  const struct design *design = self->sim.design;
  if (design->next_block == BLOCK_LIFO && design->next_pool == POOL_FRONT)
    run_as_cpython(self, stop);
  else
    run_any(self, stop);
}

static void run_all(struct simulation *self)
{
  struct lab_result *result = self->result;
  size_t count = self->loaded->count, points = result->series_count;
  for (size_t i = 0; i < points; i++) {
    run_to(self, count / points * (i + 1) + count % points * (i + 1) / points);
    result->series[i] = simulation_point(self);
  }
  run_to(self, count);
}

static bool open_live(struct simulation *self)
{
  size_t count = self->loaded->handle_count;
  self->live = malloc((count + 1) * sizeof self->live[0]);
  if (self->live == NULL)
    return false;
  for (size_t i = 0; i < count; i++)
    self->live[i].pool = DEAD;
  return true;
}

/* Opens the series and runs. false: something has failed. */
static bool run(struct simulation *self, const struct simulate_options *options)
{
  struct lab_result *result = self->result;
  size_t count = options->series_count;
  if (count > self->loaded->count)
    count = self->loaded->count;
  result->series = calloc(count + 1, sizeof result->series[0]);
  if (result->series == NULL || !open_live(self))
    return false;
  result->series_count = count;
  run_all(self);
  if (self->sim.has_failed)
    return false;
  simulation_keep_results(self);
  return true;
}

bool simulate(const struct loaded_trace *loaded, const struct design *design,
              const struct simulate_options *options, struct lab_result *result)
{
  struct simulation self = {.loaded = loaded, .result = result};
  struct writer writer;
  *result = (struct lab_result){0};
  if (options->write != NULL) {
    writer_open(&writer, options->write, options->context);
    self.writer = &writer;
  }
  bool is_done = simulator_open(&self.sim, design) && run(&self, options);
  if (self.writer != NULL)
    is_done = writer_close(self.writer) && is_done;
  simulator_close(&self.sim);
  free(self.live);
  return is_done;
}

void simulate_close(struct lab_result *result)
{
  free(result->series);
  result->series = NULL;
  result->series_count = 0;
}

/* }================================================================== */
