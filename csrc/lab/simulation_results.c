#include "lab/simulation.h"

static double mean_of(const struct wide_sum *sum, const struct wide_sum *other,
                      uint64_t count)
{
  double whole = ((double)sum->high + (double)other->high) * 0x1p64 +
                 (double)sum->low + (double)other->low;
  return count == 0 ? 0 : whole / (double)count;
}

void simulation_keep_peak(struct simulation *self)
{
  const struct lab_counts *counts = &self->sim.counts;
  struct lab_result *result = self->result;
  result->peak = simulation_point(self);
  result->rounding = counts->live_block_bytes - self->live_bytes;
  result->headers = counts->pool_bytes - counts->block_bytes + counts->lost;
  result->free = counts->block_bytes - counts->live_block_bytes;
  result->unused = counts->held - counts->pool_bytes - counts->lost;
  assert(counts->held == result->peak.live + result->rounding +
                             result->headers + result->free + result->unused);
}

void simulation_keep_results(struct simulation *self)
{
  const struct lab_counts *counts = &self->sim.counts;
  struct lab_result *result = self->result;
  const struct wide_sum none = {0, 0};
  uint64_t count = self->loaded->count;
  result->requests = count;
  result->end = simulation_point(self);
  result->held_mean = mean_of(&self->held_sum, &none, count);
  result->live_mean = mean_of(&self->live_sum, &none, count);
  result->total_mean = mean_of(&self->held_sum, &self->raw_sum, count);
  result->total_live_mean = mean_of(&self->live_sum, &self->raw_sum, count);
  result->arenas_highwater = counts->highwater;
  result->arenas_obtained = counts->obtained;
  result->arenas_released = counts->released;
  result->system_calls = counts->system_calls;
  result->touched_pages = simulator_touched_pages(&self->sim);
  assert(counts->obtained - counts->released == counts->arenas);
}
