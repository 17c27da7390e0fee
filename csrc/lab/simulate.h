/*
** Runs the requests of a loaded trace on a simulator, and measures it: the same
** measures, at the same moments, as those of a heap in csrc/trace/measure.h.
**
**   held = live + rounding + headers + free + unused          [at the peak]
**
** Tested by spec/fidelity/lab_spec.lua and spec/unit/lab_spec.lua.
*/
#ifndef SIMULATE_H
#define SIMULATE_H

#include "lab/design.h"
#include "trace/loaded_trace.h"

/* Bytes after a request. */
struct lab_point {
  uint64_t requests;
  uint64_t held, live, total, total_live;
};

struct lab_result {
  uint64_t requests, small, raw, refused;
  struct lab_point end;
  struct lab_point peak;       /* the most are held, and then the most live */
  struct lab_point total_peak; /* the same for 'total' */
  uint64_t live_most;
  uint64_t rounding, headers, free, unused; /* at the peak */
  double held_mean, live_mean, total_mean, total_live_mean;
  uint64_t arenas_highwater, arenas_obtained, arenas_released;
  uint64_t touched_pages, system_calls;
  struct lab_point *series;
  size_t series_count;
};

struct simulate_options {
  size_t series_count; /* points that are wanted */
  pym_write write;     /* gets the placements; NULL: nobody does */
  void *context;
};

/*
** Simulates. Point i of n in the series is after request i * count / n. false:
** there is no memory, or a function of the design or 'write' has failed.
** simulate_close frees the series in either case.
*/
bool simulate(const struct loaded_trace *loaded, const struct design *design,
              const struct simulate_options *options,
              struct lab_result *result);

void simulate_close(struct lab_result *result);

#endif
