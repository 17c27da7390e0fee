/*
** A run is a trace on a heap of its own that can be moved to any request,
** forwards and backwards, exactly: time is the number of requests done.
**
**   0 ........ checkpoint ........ checkpoint ........ checkpoint ..... length
**                   |----- again --->|
**                                    at
**
** What was is found again by starting at the checkpoint before it. Checkpoints
** are taken on the way, evenly, a few dozen in all: to go anywhere after the
** first pass costs about a fiftieth of it. The last request of every movement
** is watched, so that its events are there at every stop.
**
** Time and place, id and block are all that is there: what a program would
** have written into its blocks is not.
**
** Runs in spec/unit/run_spec.lua.
*/
#ifndef TIMELINE_H
#define TIMELINE_H

#include "timeline/checkpoint.h"
#include "trace/loaded_trace.h"
#include "timeline/timeline_memory.h"
#include "observe/watch.h"

#define RUN_CHECKPOINTS 48u              /* wanted */
#define RUN_CHECKPOINTS_MIN ((size_t)16) /* however much memory they take */
#define RUN_CHECKPOINT_BYTES ((size_t)256 << 20) /* else all of them */
#define RUN_INTERVAL_MIN 256u /* requests between two of them */
#define RUN_ERROR_BYTES 200u

/* A live block, by handle. */
struct run_live {
  void *block;      /* NULL: none */
  uint64_t request; /* that it was last allocated or resized by */
};

struct run_live_saved {
  uint32_t handle, request;
  void *block;
};

/* The heap and the live blocks at one time. */
struct run_mark {
  uint64_t at;
  struct checkpoint heap;
  struct run_live_saved *live;
  size_t live_count;
};

/* Which events a search is for. */
struct run_wanted {
  uint64_t kinds;         /* any of these */
  uint64_t szidx;         /* of this class; EVENT_NOWHERE: any */
  enum event_field field; /* that changes this; EVENT_FIELD_COUNT: any */
  uint64_t where;         /* in this record */
};

struct run_events {
  struct event *items;
  size_t count, capacity;
  bool is_cut; /* there was no memory for all of them */
};

struct run {
  pym_heap *heap;
  uint64_t at; /* requests done */
  struct loaded_trace trace;
  struct run_live *live; /* by handle */
  size_t next_allowance;
  struct run_mark *marks; /* mark i is at i * interval */
  size_t mark_count, mark_bytes;
  uint64_t interval;
  struct run_events events; /* of request 'at' */
  struct run_events caused; /* place for what run_what_if_free tells */
  struct watch watch;
  const struct run_wanted *wanted; /* while a search is on */
  bool is_found;
  struct event found; /* the last one that was */
  struct run_memory memory;
  char error[RUN_ERROR_BYTES];
};

/*
** Reads a trace to its end and makes a heap for it. NULL: 'why' (of
** 'why_bytes') holds a sentence.
*/
struct run *run_open(struct trace *trace, const pym_options *options, char *why,
                     size_t why_bytes);

/* NULL is allowed. */
void run_close(struct run *run);

/* Requests of the whole trace. */
static inline uint64_t run_length(const struct run *run)
{
  return run->trace.count;
}

/*
** Moves to the time after request number 'at', at most the length. false: a
** request before it cannot be run, 'error' says why, and the run stands in
** front of it.
*/
bool run_seek(struct run *run, uint64_t at);

/*
** Goes to the next request after this time, or the last one before request
** 'at', that has such an event. false: there is none; the run is then at its
** end, or at 0. Where a request cannot be run the run stands in front of it, and
** 'error' says why; else 'error' is empty after a search forward.
*/
bool run_forward(struct run *run, const struct run_wanted *wanted);
bool run_backward(struct run *run, const struct run_wanted *wanted);

/*
** The last event of that kind up to now, in '*event'; the run stays where it
** is. false: there was none.
*/
bool run_last(struct run *run, const struct run_wanted *wanted,
              struct event *event);

/*
** The events that a free of a block would cause now, without doing it: kept
** in '*events', which run_events_close ends. false: no memory.
*/
bool run_what_if_free(struct run *run, void *freed, struct run_events *events);

void run_events_close(struct run_events *events);

/* The live block of an id, or NULL. */
const struct run_live *run_find_id(const struct run *run, uint64_t id);

/* The live block that begins at 'first', or NULL. */
const struct run_live *run_find_block(const struct run *run, const void *first);

/* The request that a live block was last allocated or resized by. */
static inline const struct request *run_request_of(const struct run *run,
                                                   const struct run_live *live)
{
  return &run->trace.items[live->request - 1];
}

/* The start of the checkpoint before a time: from there on is cheapest. */
uint64_t run_mark_before(const struct run *run, uint64_t at);

#endif
