#include "lab/simulate.h"

#include <stdlib.h>

#include "base/digits.h"
#include "base/writer.h"
#include "lab/block_rule.h"
#include "lab/pool_rule.h"

#define LINE_BYTES_MAX 112u /* five numbers, and the characters between them */

/* The block of a handle. */
struct lab_block {
  uint32_t pool; /* DEAD: no block; RAW: raw serves it */
  uint32_t block;
  uint64_t bytes; /* as requested */
};

#define DEAD LAB_NONE
#define RAW (LAB_NONE - 1)

/* A sum of 128 bits. */
struct wide_sum {
  uint64_t low, high;
};

struct simulation {
  struct simulator sim;
  const struct loaded_trace *loaded;
  struct lab_block *live; /* by handle */
  struct lab_result *result;
  uint64_t live_bytes, raw_bytes;
  struct wide_sum held_sum, live_sum, raw_sum;
  uint64_t held; /* after the last request */
  size_t next_allowance;
  struct writer *writer; /* NULL: no placements are wanted */
};

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

static inline uint32_t bytes_of(const struct simulation *self,
                                const struct lab_block *placed)
{
  const struct simulator *sim = &self->sim;
  return sim->design->class_bytes[sim->pools[placed->pool].szidx];
}

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
  self->sim.counts.live_block_bytes -= bytes_of(self, old);
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
  } else if (fits(bytes, bytes_of(self, &old))) {
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
** Measures
** ===================================================================
*/

static inline void sum_add(struct wide_sum *sum, uint64_t value)
{
  sum->low += value;
  sum->high += sum->low < value;
}

static double mean_of(const struct wide_sum *sum, const struct wide_sum *other,
                      uint64_t count)
{
  double whole = ((double)sum->high + (double)other->high) * 0x1p64 +
                 (double)sum->low + (double)other->low;
  return count == 0 ? 0 : whole / (double)count;
}

static struct lab_point point_of(const struct simulation *self)
{
  return (struct lab_point){.requests = self->sim.request,
                            .held = self->held,
                            .live = self->live_bytes,
                            .total = self->held + self->raw_bytes,
                            .total_live = self->live_bytes + self->raw_bytes};
}

/* 'held' has grown to more than ever before. */
static NOINLINE void keep_peak(struct simulation *self)
{
  const struct lab_counts *counts = &self->sim.counts;
  struct lab_result *result = self->result;
  result->peak = point_of(self);
  result->rounding = counts->live_block_bytes - self->live_bytes;
  result->headers = counts->pool_bytes - counts->block_bytes;
  result->free = counts->block_bytes - counts->live_block_bytes;
  result->unused = self->held - counts->pool_bytes;
}

/* Bytes of arenas that no pool can have: they count as headers. */
static uint64_t lost_bytes(const struct simulator *sim)
{
  uint64_t lost = 0;
  for (size_t i = 0; i < sim->group_count; i++) {
    const struct lab_group *group = &sim->groups[i];
    uint64_t pools = group->arena_pools * (uint64_t)group->pool_bytes;
    for (size_t slot = 0; slot < group->slot_count; slot++)
      if (arena_is_open(&group->arenas[slot]))
        lost += sim->design->arena_bytes - pools;
  }
  return lost;
}

static ALWAYS_INLINE void measure(struct simulation *self)
{
  struct lab_result *result = self->result;
  self->held = simulator_held(&self->sim);
  sum_add(&self->held_sum, self->held);
  sum_add(&self->live_sum, self->live_bytes);
  sum_add(&self->raw_sum, self->raw_bytes);
  if (self->live_bytes > result->live_most)
    result->live_most = self->live_bytes;
  if (unlikely(self->held > result->peak.held)) {
    keep_peak(self);
    uint64_t lost = lost_bytes(&self->sim);
    result->headers += lost;
    result->unused -= lost;
  }
  if (unlikely(self->held + self->raw_bytes > result->total_peak.total))
    result->total_peak = point_of(self);
}

static void keep_results(struct simulation *self)
{
  const struct lab_counts *counts = &self->sim.counts;
  struct lab_result *result = self->result;
  const struct wide_sum none = {0, 0};
  uint64_t count = self->loaded->count;
  result->requests = count;
  result->end = point_of(self);
  result->held_mean = mean_of(&self->held_sum, &none, count);
  result->live_mean = mean_of(&self->live_sum, &none, count);
  result->total_mean = mean_of(&self->held_sum, &self->raw_sum, count);
  result->total_live_mean = mean_of(&self->live_sum, &self->raw_sum, count);
  result->arenas_highwater = counts->highwater;
  result->arenas_obtained = counts->obtained;
  result->arenas_released = counts->released;
  result->touched_pages = simulator_touched_pages(&self->sim);
  assert(counts->obtained - counts->released == counts->arenas);
}

/* }================================================================== */

/*
** {==================================================================
** Placements, in the form of csrc/trace/placement.h
** ===================================================================
*/

static char *put_string(char *at, const char *string)
{
  while (*string != '\0')
    *at++ = *string++;
  return at;
}

static char *put_place(const struct simulation *self,
                       const struct lab_block *placed, char *at)
{
  const struct simulator *sim = &self->sim;
  const struct lab_pool *pool = &sim->pools[placed->pool];
  const struct lab_group *group = &sim->groups[pool->group];
  size_t number = placed->pool - group->more[pool->slot].first_pool;
  at = put_number(at, pool->slot);
  *at++ = ':';
  at = put_number(at, number * group->pool_bytes);
  *at++ = ':';
  return put_number(at, sim->design->header_bytes +
                            (uint64_t)placed->block * bytes_of(self, placed));
}

static NOINLINE void write_placement(struct simulation *self,
                                     const struct request *request,
                                     bool is_served)
{
  char *at = writer_reserve(self->writer, LINE_BYTES_MAX);
  at = put_number(at, self->sim.request);
  *at++ = ' ';
  *at++ = (char)request->letter;
  *at++ = ' ';
  at = put_number(at, request->id);
  *at++ = ' ';
  if (request->letter == TRACE_FREE)
    at = put_string(at, "-");
  else if (!is_served)
    at = put_string(at, "NULL");
  else if (self->live[request->handle].pool == RAW)
    at = put_string(at, "L");
  else
    at = put_place(self, &self->live[request->handle], at);
  *at++ = '\n';
  writer_commit(self->writer, at);
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
    measure(self);
    if (unlikely(self->writer != NULL))
      write_placement(self, request, is_served);
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
    result->series[i] = point_of(self);
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
  keep_results(self);
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
