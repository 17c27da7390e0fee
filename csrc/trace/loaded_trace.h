/*
** The requests of a whole trace in memory, 24 bytes each, so that any of them
** can be run again. Ids become handles, small numbers that are used again
** after a free: the table of live blocks is then an array as long as the most
** ids that are live at once.
**
** The lines d, s and k of a trace are left out: they change nothing.
**
** Tested by spec/unit/run_spec.lua.
*/
#ifndef LOADED_TRACE_H
#define LOADED_TRACE_H

#include "trace/trace.h"

#define LOADED_TRACE_NO_HANDLE UINT32_MAX /* a free of an id that is not live */
#define LOADED_TRACE_MAX ((size_t)UINT32_MAX - 1)

struct request {
  uint64_t id;
  uint64_t bytes;  /* asked for; of c the product, SIZE_MAX if that is larger */
  uint32_t handle; /* of the id */
  enum trace_letter letter; /* of a request */
};

/* 'x N': from request number 'after' + 1 on, N more arenas can be had. */
struct allowance {
  uint64_t after;
  size_t arenas;
};

struct loaded_trace {
  struct request *items;
  size_t count, capacity;
  struct allowance *allowances;
  size_t allowance_count, allowance_capacity;
  size_t handle_count; /* handles are below this */
};

/*
** Reads a trace to its end. false: 'why' (of 'why_bytes') holds a sentence;
** what was read so far is there.
*/
bool loaded_trace_read(struct loaded_trace *loaded, struct trace *trace,
                       char *why, size_t why_bytes);

void loaded_trace_close(struct loaded_trace *loaded);

#endif
