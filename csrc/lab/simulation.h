/*
** A simulation: a simulator on its way through the requests of a trace, with
** what is counted. simulate.c runs it, request_rule.h has what a request does,
** simulation_results.c measures it, simulation_placement.c writes its placements.
*/
#ifndef SIMULATION_H
#define SIMULATION_H

#include "base/writer.h"
#include "lab/simulate.h"
#include "lab/simulator.h"
#include "trace/measure.h"

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
  size_t next_allowance;
  struct writer *writer; /* NULL: no placements are wanted */
};

/* The block size of a block of a pool. */
static inline uint32_t simulation_block_bytes(const struct simulation *self,
                                              const struct lab_block *placed)
{
  const struct simulator *sim = &self->sim;
  return sim->design->class_bytes[sim->pools[placed->pool].szidx];
}

static inline void wide_sum_add(struct wide_sum *sum, uint64_t value)
{
  sum->low += value;
  sum->high += sum->low < value;
}

static inline struct lab_point simulation_point(const struct simulation *self)
{
  return (struct lab_point){.requests = self->sim.request,
                            .held = self->sim.counts.held,
                            .live = self->live_bytes,
                            .total = self->sim.counts.held + self->raw_bytes,
                            .total_live = self->live_bytes + self->raw_bytes};
}

/* Keeps the kinds of bytes at a new peak. */
void simulation_keep_peak(struct simulation *self);

/* Keeps what is known at the end. */
void simulation_keep_results(struct simulation *self);

/*
** Writes the line of the present request, as csrc/trace/placement.h does. If the
** writer fails, the simulator has failed.
*/
void simulation_write_placement(struct simulation *self,
                                const struct request *request, bool is_served);

/* Measures the state after a request. */
static ALWAYS_INLINE void simulation_measure(struct simulation *self)
{
  struct lab_result *result = self->result;
  uint64_t held = self->sim.counts.held;
  wide_sum_add(&self->held_sum, held);
  wide_sum_add(&self->live_sum, self->live_bytes);
  wide_sum_add(&self->raw_sum, self->raw_bytes);
  if (self->live_bytes > result->live_most)
    result->live_most = self->live_bytes;
  if (measure_is_more(held, self->live_bytes, result->peak.held,
                      result->peak.live))
    simulation_keep_peak(self);
  uint64_t total = held + self->raw_bytes;
  if (measure_is_more(total, self->live_bytes + self->raw_bytes,
                      result->total_peak.total, result->total_peak.total_live))
    result->total_peak = simulation_point(self);
}

#endif
