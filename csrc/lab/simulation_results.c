#include "lab/simulation.h"

void simulation_keep_waste(struct simulation *self)
{
  const struct lab_counts *counts = &self->sim.counts;
  struct waste *waste = &self->measures->waste;
  waste->rounding = counts->live_block_bytes - self->live_bytes;
  waste->headers = counts->pool_bytes - counts->block_bytes + counts->lost;
  waste->free = counts->block_bytes - counts->live_block_bytes;
  waste->unused = counts->held - counts->pool_bytes - counts->lost;
  assert(counts->held == self->live_bytes + waste->rounding + waste->headers +
                             waste->free + waste->unused);
}

void simulation_keep_results(struct simulation *self)
{
  const struct lab_counts *counts = &self->sim.counts;
  struct measures *measures = self->measures;
  measures->end = simulation_point(self);
  measures->has_arenas = measures->has_pages = true;
  measures->arenas_highwater = counts->highwater;
  measures->arenas_obtained = counts->obtained;
  measures->arenas_released = counts->released;
  measures->system_calls = counts->system_calls;
  measures->touched_pages = simulator_touched_pages(&self->sim);
  assert(counts->obtained - counts->released == counts->arenas);
}
