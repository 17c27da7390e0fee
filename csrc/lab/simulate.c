#include "lab/simulate.h"

#include <stdlib.h>

#include "lab/request_rule.h"

/*
** {==================================================================
** Runs: a function for each pair of policies of blocks and pools
** ===================================================================
*/

/* Obeys an 'x' or 'o'. Of an 'o', a heap does the same (serve/supply.h). */
static void allow(struct simulator *sim, const struct allowance *allowance)
{
  if (allowance->letter == TRACE_ALLOW)
    sim->allowed = allowance->number;
  else
    sim->offset = sim->design->arena_offset == 0 ? allowance->number : 0;
}

static NOINLINE void allow_arenas(struct simulation *self)
{
  const struct loaded_trace *loaded = self->loaded;
  for (; self->next_allowance < loaded->allowance_count &&
         loaded->allowances[self->next_allowance].after == self->sim.request;
       self->next_allowance++)
    allow(&self->sim, &loaded->allowances[self->next_allowance]);
}

/*
** Runs all requests. A plain run has no cache, no placements, no
** arenas to release later, and any number of arenas.
*/
static ALWAYS_INLINE void run_by(struct simulation *self,
                                 const struct rules *rules)
{
  struct simulator *sim = &self->sim;
  const struct loaded_trace *loaded = self->loaded;
  while (sim->request < loaded->count && !sim->has_failed) {
    const struct request *request = &loaded->items[sim->request];
    if (!rules->is_plain && self->next_allowance < loaded->allowance_count)
      allow_arenas(self);
    sim->request++;
    if (!rules->is_plain && sim->due_first < sim->due_count)
      simulator_release_due(sim);
    bool is_served = run_request(self, request, rules);
    simulation_measure(self);
    if (!rules->is_plain && self->writer != NULL)
      simulation_write_placement(self, request, is_served);
  }
}

typedef void run_function(struct simulation *self);

#define RUN(blocks, pools)                                                   \
  static NOINLINE void run_##blocks##_##pools(struct simulation *self)       \
  {                                                                          \
    static const struct rules rules = {&blocks##_rule, &pools##_rule, true}; \
    run_by(self, &rules);                                                    \
  }
#define RUNS(blocks)    \
  RUN(blocks, ring)     \
  RUN(blocks, fullest)  \
  RUN(blocks, emptiest) \
  RUN(blocks, ranked)
RUNS(lifo)
RUNS(fifo)
RUNS(lowest)
#undef RUNS
#undef RUN

#define RUNS(blocks)                           \
  {                                            \
    [POOL_FRONT] = run_##blocks##_ring,        \
    [POOL_FULLEST] = run_##blocks##_fullest,   \
    [POOL_EMPTIEST] = run_##blocks##_emptiest, \
    [POOL_LOWEST] = run_##blocks##_ranked,     \
    [POOL_RANKED] = run_##blocks##_ranked,     \
  }
static run_function *const plain_runs[][POOL_RANKED + 1] = {
    [BLOCK_LIFO] = RUNS(lifo),
    [BLOCK_FIFO] = RUNS(fifo),
    [BLOCK_LOWEST] = RUNS(lowest),
};
#undef RUNS

static void run_any(struct simulation *self)
{
  static const struct block_rule *const block_rules[] = {
      [BLOCK_LIFO] = &lifo_rule,
      [BLOCK_FIFO] = &fifo_rule,
      [BLOCK_LOWEST] = &lowest_rule,
      [BLOCK_ASKED] = &asked_rule};
  const struct design *design = self->sim.design;
  const struct rules rules = {
      block_rules[design->next_block],
      design->next_pool == POOL_FRONT ? &ring_rule : &ranked_rule, false};
  run_by(self, &rules);
}

static bool is_plain(const struct simulation *self)
{
  const struct design *design = self->sim.design;
  return design->next_block != BLOCK_ASKED && design->cache_blocks == 0 &&
         design->release != RELEASE_AFTER && self->writer == NULL &&
         self->loaded->allowance_count == 0;
}

static void run_plain(struct simulation *self)
{
  const struct design *design = self->sim.design;
  plain_runs[design->next_block][design->next_pool](self);
}

/* }================================================================== */

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

/* Runs all requests. false: something has failed. */
static bool run(struct simulation *self)
{
  if (!open_live(self))
    return false;
  if (is_plain(self))
    run_plain(self);
  else
    run_any(self);
  if (self->sim.has_failed)
    return false;
  simulation_keep_results(self);
  return true;
}

bool simulate(const struct loaded_trace *loaded, const struct design *design,
              const struct simulate_options *options, struct measures *measures)
{
  struct simulation self = {.loaded = loaded, .measures = measures};
  struct writer writer;
  if (!measures_open(measures, options->series_count, loaded->count))
    return false;
  if (options->write != NULL) {
    writer_open(&writer, options->write, options->context);
    self.writer = &writer;
  }
  bool is_done = simulator_open(&self.sim, design) && run(&self);
  if (self.writer != NULL)
    is_done = writer_close(self.writer) && is_done;
  simulator_close(&self.sim);
  free(self.live);
  return is_done;
}
