#include "lab/simulate.h"

#include <stdlib.h>

#include "lab/request_rule.h"

/*
** {==================================================================
** Runs: a function for each pair of policies of blocks and pools
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

/*
** Runs to request number 'stop'. A plain run has no cache, no placements, no
** arenas to release later, and any number of arenas.
*/
static ALWAYS_INLINE void run_by(struct simulation *self, size_t stop,
                                 const struct rules *rules)
{
  struct simulator *sim = &self->sim;
  const struct loaded_trace *loaded = self->loaded;
  while (sim->request < stop && !sim->has_failed) {
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

typedef void run_function(struct simulation *self, size_t stop);

#define RUN(blocks, pools)                                                   \
  static NOINLINE void run_##blocks##_##pools(struct simulation *self,       \
                                              size_t stop)                   \
  {                                                                          \
    static const struct rules rules = {&blocks##_rule, &pools##_rule, true}; \
    run_by(self, stop, &rules);                                              \
  }
RUN(lifo, ring)
RUN(fifo, ring)
RUN(lowest, ring)
RUN(lifo, ranked)
RUN(fifo, ranked)
RUN(lowest, ranked)
#undef RUN

/* Of each policy of blocks; the second one is for ranked pools. */
static run_function *const plain_runs[][2] = {
    [BLOCK_LIFO] = {run_lifo_ring, run_lifo_ranked},
    [BLOCK_FIFO] = {run_fifo_ring, run_fifo_ranked},
    [BLOCK_LOWEST] = {run_lowest_ring, run_lowest_ranked},
};

static void run_any(struct simulation *self, size_t stop)
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
  run_by(self, stop, &rules);
}

static bool is_plain(const struct simulation *self)
{
  const struct design *design = self->sim.design;
  return design->next_block != BLOCK_ASKED && design->cache_blocks == 0 &&
         design->release != RELEASE_AFTER && self->writer == NULL &&
         self->loaded->allowance_count == 0;
}

static void run_to(struct simulation *self, size_t stop)
{
  const struct design *design = self->sim.design;
  if (is_plain(self))
    plain_runs[design->next_block][design->next_pool != POOL_FRONT](self, stop);
  else
    run_any(self, stop);
}

/* }================================================================== */

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
