/*
** The marks of a trace that is replayed, each with the figures of that moment.
**
** Tested by spec/unit/trace_mark_spec.lua.
*/
#ifndef PHASES_H
#define PHASES_H

#include "trace/trace_op.h"

#define PHASES_MAX ((size_t)10000) /* marks that are kept */

struct phase {
  uint64_t requests;                /* done before the mark */
  uint64_t live_blocks, live_bytes; /* of all interpreters */
  uint64_t arenas, arena_bytes;
  char text[TRACE_TEXT_MAX + 1];
};

struct phases {
  struct phase *items;
  size_t count, capacity;
  uint64_t left_out; /* marks beyond PHASES_MAX, or without memory for them */
};

/*
** Adds a phase with the text of a mark and figures of 0. NULL: there is no
** memory, or there are PHASES_MAX already; the mark is counted in 'left_out'.
*/
struct phase *phases_add(struct phases *phases, const struct trace_op *mark);

void phases_close(struct phases *phases);

#endif
