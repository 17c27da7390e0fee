/*
** The figures of the phases of a trace, which begin after given requests.
**
** Tested by spec/unit/analyse_spec.lua.
*/
#ifndef PHASE_FIGURES_H
#define PHASE_FIGURES_H

#include "trace/loaded_trace.h"

/* X(name) */
#define PHASE_FIGURES(X)                              \
  X(from)   /* its first request */                   \
  X(to)     /* its last request */                    \
  X(births) /* blocks */                              \
  X(deaths)                                           \
  X(allocated_bytes) /* of births, and by reallocs */ \
  X(freed_bytes)                                      \
  X(live_blocks) /* at its end */                     \
  X(live_bytes)                                       \
  X(peak_live_bytes)

struct phase_figures {
#define X(name) uint64_t name;
  PHASE_FIGURES(X)
#undef X
};

/*
** Fills the figures of 'count' phases. Before the call, 'from' of each is set,
** in ascending order and beginning with 1, and all other fields are zero. A
** phase ends before the next one begins. A phase without a request has 'to'
** below 'from'. false: there is no memory.
*/
bool phase_figures_fill(struct phase_figures *phases, size_t count,
                        const struct loaded_trace *trace);

#endif
