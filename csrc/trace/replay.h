/*
** A replay runs a trace on a heap, request by request, and writes the text that
** its options and the operations d and s ask for. It has a table of the live
** blocks and no list of requests, so that its memory does not grow with the
** length of the trace.
**
**   trace --> op --> heap --> placement, dump, report --> pym_write
**              \      |
**               idmap: id -> block, bytes
**
** A realloc of an id that is not live is a malloc, a free of one is
** free(NULL), and a malloc of one that is live is an error of the trace. If
** a malloc is refused, its id is not live; if a realloc is refused, its block
** stays as it was.
**
** Each interpreter of the trace has a heap, a table of ids and statistics of
** its own. Where there is more than one, each text has a line "interpreter N"
** before it, and placements have one where the interpreter changes.
**
** Tested by spec/unit/trace_spec.lua and spec/fidelity/conformance_spec.lua.
*/
#ifndef REPLAY_H
#define REPLAY_H

#include "trace/phases.h"
#include "trace/replay_stats.h"
#include "trace/trace.h"

struct replay; /* one trace on one heap */

struct replay_options {
  bool placements;     /* a line for each request */
  bool dump;           /* the state at the end */
  bool stats;          /* the report at the end */
  bool arena_map;      /* reports end with the arena map, if there is one */
  uint64_t dump_every; /* requests from one dump of the state to the next; 0:
                          none is written */
  const pym_options *heap_options; /* for the heaps of interpreters other than
                                      0; NULL: a trace with them is refused */
  pym_write write; /* NULL: nothing is written, also for d and s */
  void *context;
};

enum replay_status {
  REPLAY_MORE,     /* the trace has not ended */
  REPLAY_DONE,     /* the trace has ended, and all is written */
  REPLAY_TRACE,    /* the trace is wrong, or cannot be read */
  REPLAY_CHECK,    /* a check found a broken invariant */
  REPLAY_WRITE,    /* the writer failed */
  REPLAY_NO_MEMORY /* no memory for the table of live blocks */
};

struct replay_error {
  uint64_t line; /* of the trace */
  char text[TRACE_ERROR_BYTES];
};

/*
** Makes a replay of 'trace' on 'heap'. Both must outlive it and stay the
** caller's. NULL: there is no memory.
*/
struct replay *replay_open(struct trace *trace, pym_heap *heap,
                           const struct replay_options *options);

/*
** Runs 'request_count' more requests, or to the end. A caller that shows
** progress runs some requests at a time. After the end, the same status is
** returned again.
*/
enum replay_status replay_run(struct replay *replay, uint64_t request_count);

/* The number of requests done, of all interpreters. */
uint64_t replay_requests(const struct replay *replay);

/* The numbers of interpreters are below this; not all of them have begun. */
size_t replay_interpreter_end(const struct replay *replay);

/* The statistics so far of an interpreter; NULL: it has not begun. */
const struct replay_stats *replay_stats_of(const struct replay *replay,
                                           size_t interpreter);

/* The heap of an interpreter; NULL: it has not begun. */
const pym_heap *replay_heap_of(const struct replay *replay, size_t interpreter);

/* The marks so far. */
const struct phases *replay_phases(const struct replay *replay);

/* The error, after replay_run has returned the status of one. */
const struct replay_error *replay_error(const struct replay *replay);

/* Frees the blocks that are still live, and the replay. NULL is allowed. */
void replay_close(struct replay *replay);

#endif
