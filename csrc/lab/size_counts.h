/*
** How often each size is requested in a trace, up to a largest size, and how
** many blocks of each size are live when the live bytes of these sizes are at
** their most.
**
** A realloc of a live block counts as a request for the new size, and changes
** the size of the block. The size of a request decides, and not which allocator
** would serve it.
**
** Tested by spec/unit/oracle_spec.lua.
*/
#ifndef SIZE_COUNTS_H
#define SIZE_COUNTS_H

#include "trace/loaded_trace.h"

struct size_counts {
  uint64_t *requests; /* by size, from 0 to 'most'; those of 0 do not count */
  uint64_t *live;     /* the same, at the peak */
  size_t most;
  uint64_t peak_bytes;
  uint64_t peak_request; /* its number, from 1; 0: nothing was live */
};

/*
** Counts a trace. The caller has set 'most' and the two arrays, of most + 1
** zeros. false: there is no memory.
*/
bool size_counts_read(struct size_counts *counts,
                      const struct loaded_trace *loaded);

#endif
