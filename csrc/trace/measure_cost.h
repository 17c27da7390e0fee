/*
** The cost of the requests of a loaded trace on a heap: processor time,
** instructions and page faults of the process. The pass does nothing else than
** the requests; of several passes the least value of each cost is kept.
**
** Tested by spec/unit/experiment_measures_spec.lua.
*/
#ifndef MEASURE_COST_H
#define MEASURE_COST_H

#include "trace/loaded_trace.h"

#define MEASURE_COST_PASSES 3

struct measure_cost {
  double seconds;
  uint64_t instructions; /* in user space */
  bool has_instructions; /* the system lets the process count them */
  uint64_t page_faults;
  bool has_page_faults; /* the system counts them */
};

/* false: there is no memory. */
bool measure_cost(const struct loaded_trace *loaded, const pym_options *options,
                  struct measure_cost *cost);

#endif
