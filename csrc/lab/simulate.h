/*
** Runs the requests of a loaded trace on a simulator, and measures it as
** csrc/trace/measure.h measures a heap.
**
** Tested by spec/fidelity/lab_spec.lua and spec/unit/lab_spec.lua.
*/
#ifndef SIMULATE_H
#define SIMULATE_H

#include "lab/design.h"
#include "trace/loaded_trace.h"
#include "trace/measures.h"

struct simulate_options {
  size_t series_count; /* points that are wanted */
  pym_write write;     /* receives the placements; NULL: not wanted */
  void *context;
};

/*
** Simulates. false: there is no memory, or a function of the design or 'write'
** has failed. In either case, measures_close frees the series.
*/
bool simulate(const struct loaded_trace *loaded, const struct design *design,
              const struct simulate_options *options,
              struct measures *measures);

#endif
