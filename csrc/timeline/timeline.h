/*
** A timeline is a trace on a heap of its own that can be moved to any request,
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
** Tested by spec/unit/run_spec.lua.
*/
#ifndef TIMELINE_H
#define TIMELINE_H

#include "timeline/checkpoint.h"
#include "trace/loaded_trace.h"
#include "timeline/timeline_memory.h"
#include "serve/watch_layer.h"

#define TIMELINE_CHECKPOINTS 48u /* wanted */
#define TIMELINE_CHECKPOINTS_MIN \
  ((size_t)16) /* however much memory they take */
#define TIMELINE_CHECKPOINT_BYTES ((size_t)256 << 20) /* else all of them */
#define TIMELINE_INTERVAL_MIN 256u /* requests between two of them */
#define TIMELINE_ERROR_BYTES 200u

/* A live block, by handle. */
struct timeline_live {
  void *block;      /* NULL: none */
  uint64_t request; /* that it was last allocated or resized by */
};

struct timeline_live_saved {
  uint32_t handle, request;
  void *block;
};

/* The heap and the live blocks at one time. */
struct timeline_checkpoint {
  uint64_t at;
  struct checkpoint heap;
  struct timeline_live_saved *live;
  size_t live_count;
};

/* Which events a search is for. */
struct timeline_wanted {
  uint64_t kinds;         /* any of these */
  uint64_t szidx;         /* of this class; EVENT_NOWHERE: any */
  enum event_field field; /* that changes this; EVENT_FIELD_COUNT: any */
  uint64_t where;         /* in this record */
};

struct timeline_events {
  struct event *items;
  size_t count, capacity;
  bool is_cut; /* there was no memory for all of them */
};

struct timeline {
  pym_heap *heap;
  uint64_t at; /* requests done */
  struct loaded_trace trace;
  struct timeline_live *live; /* by handle */
  size_t next_allowance;
  struct timeline_checkpoint *checkpoints; /* checkpoint i is at i * interval */
  size_t checkpoint_count, checkpoint_bytes;
  uint64_t interval;
  struct timeline_events events; /* of request 'at' */
  struct timeline_events
      caused; /* place for what timeline_what_if_free tells */
  struct watch watch;
  const struct timeline_wanted *wanted; /* while a search is on */
  bool is_found;
  struct event found; /* the last one that was */
  struct timeline_memory memory;
  char error[TIMELINE_ERROR_BYTES];
};

/*
** Reads a trace to its end and makes a heap for it. NULL: 'why' (of
** 'why_bytes') holds a sentence.
*/
struct timeline *timeline_open(struct trace *trace, const pym_options *options,
                               char *why, size_t why_bytes);

/* NULL is allowed. */
void timeline_close(struct timeline *timeline);

/* Requests of the whole trace. */
static inline uint64_t timeline_length(const struct timeline *timeline)
{
  return timeline->trace.count;
}

/*
** Moves to the time after request number 'at', at most the length. false: a
** request before it cannot be run, 'error' says why, and the timeline stands in
** front of it.
*/
bool timeline_seek(struct timeline *timeline, uint64_t at);

/*
** Goes to the next request after this time, or the last one before request
** 'at', that has such an event. false: there is none; the timeline is then at its
** end, or at 0. Where a request cannot be run the timeline stands in front of it, and
** 'error' says why; else 'error' is empty after a search forward.
*/
bool timeline_forward(struct timeline *timeline,
                      const struct timeline_wanted *wanted);
bool timeline_backward(struct timeline *timeline,
                       const struct timeline_wanted *wanted);

/*
** The last event of that kind up to now, in '*event'; the timeline stays where it
** is. false: there was none.
*/
bool timeline_last(struct timeline *timeline,
                   const struct timeline_wanted *wanted, struct event *event);

/*
** The events that a free of a block would cause now, without doing it: kept
** in '*events', which timeline_events_close ends. false: no memory.
*/
bool timeline_what_if_free(struct timeline *timeline, void *freed,
                           struct timeline_events *events);

void timeline_events_close(struct timeline_events *events);

/* The live block of an id, or NULL. */
const struct timeline_live *timeline_find_id(const struct timeline *timeline,
                                             uint64_t id);

/* The live block that begins at 'first', or NULL. */
const struct timeline_live *timeline_find_block(const struct timeline *timeline,
                                                const void *first);

/* The request that a live block was last allocated or resized by. */
static inline const struct request *
timeline_request_of(const struct timeline *timeline,
                    const struct timeline_live *live)
{
  return &timeline->trace.items[live->request - 1];
}

/* The start of the checkpoint before a time: from there on is cheapest. */
uint64_t timeline_checkpoint_before(const struct timeline *timeline,
                                    uint64_t at);

#endif
