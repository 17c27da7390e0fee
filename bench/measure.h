/*
** A measurement: one workload on one allocator, in a process of its own.
*/
#ifndef MEASURE_H
#define MEASURE_H

#include "peers.h"

struct workload {
  const char *name, *unit;
  bool is_core; /* is it part of the geometric mean? */
};

/* All workloads, in the order of WORKLOADS. */
extern const struct workload workloads[];
extern const size_t workload_count;

/*
** Prints, separated by tabs: allocator, workload, unit, "core" or "extra",
** round, nanoseconds per operation, and the resident KiB: at the peak, after
** all blocks are freed, and after the allocator was asked to return memory.
*/
void measure_in_child(const struct peer *peer, size_t index, size_t round,
                      size_t scale);

#endif
