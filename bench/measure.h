/*
** One measurement: one workload of one peer, in a process of its own.
*/
#ifndef MEASURE_H
#define MEASURE_H

#include "peers.h"

struct workload {
  const char *name, *unit;
  bool is_core; /* does it count for the geometric mean? */
};

/* All workloads, in the order of WORKLOADS. */
extern const struct workload workloads[];
extern const size_t workload_count;

/*
** Prints, tab separated: peer, workload, unit, core or extra, round,
** nanoseconds per operation, KiB at the peak, KiB kept when all is freed, KiB
** kept when it was asked to give back.
*/
void measure_in_child(const struct peer *peer, size_t index, size_t round,
                      size_t scale);

#endif
