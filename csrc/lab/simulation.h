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

/* The block of a handle. */
struct lab_block {
  uint32_t pool; /* DEAD: no block; RAW: raw serves it */
  uint32_t block;
  uint64_t bytes; /* as requested */
};

#define DEAD LAB_NONE
#define RAW (LAB_NONE - 1)

struct simulation {
  struct simulator sim;
  const struct loaded_trace *loaded;
  struct lab_block *live; /* by handle */
  struct measures *measures;
  uint64_t live_bytes, raw_bytes;
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

/* The state after the last request. */
static inline struct measure_point
simulation_point(const struct simulation *self)
{
  return (struct measure_point){.requests = self->sim.request,
                                .held = self->sim.counts.held,
                                .live = self->live_bytes,
                                .raw = self->raw_bytes};
}

/* Keeps the kinds of bytes at a new peak. */
void simulation_keep_waste(struct simulation *self);

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
  const struct measure_point point = simulation_point(self);
  if (unlikely(measures_note(self->measures, &point)))
    simulation_keep_waste(self);
}

#endif
