/*
** A timeline runs a trace on a heap of its own and can be moved to any
** request, forwards and backwards. Its time is the number of requests done.
**
**   0 ........ checkpoint ........ checkpoint ........ checkpoint ..... length
**                   |-- run again -->|
**                                    at
**
** To go back, the nearest earlier checkpoint is restored and the requests from
** there are run again. Checkpoints are taken while the timeline goes forward,
** at equal distances, a few dozen in all. So a movement after the first pass
** runs again only requests after the nearest earlier checkpoint. The last
** request of each movement is watched, so that its events are known wherever
** the timeline stops.
**
** A timeline knows the places of blocks. It does not know the bytes that the
** recorded program wrote into them.
**
** Tested by spec/unit/run_spec.lua and run_seek_spec.lua.
*/
#ifndef TIMELINE_H
#define TIMELINE_H

#include "timeline/checkpoint.h"
#include "trace/loaded_trace.h"
#include "timeline/timeline_memory.h"
#include "serve/watch_layer.h"

#define TIMELINE_CHECKPOINTS \
  48u /* wanted for a whole trace, beside that at 0 */
#define TIMELINE_INTERVAL_MIN 256u /* the fewest requests between two of them */

/*
** If the checkpoints take more bytes than this limit, every second one is
** dropped, as long as TIMELINE_CHECKPOINTS_MIN or more are left.
*/
#define TIMELINE_CHECKPOINT_BYTES ((size_t)256 << 20)
#define TIMELINE_CHECKPOINTS_MIN ((size_t)16)

#define TIMELINE_ERROR_BYTES 200u

/* The live block of a handle. */
struct timeline_live {
  void *block;      /* NULL: the handle has no live block */
  uint64_t request; /* the request that last allocated or resized it */
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

/* The events that a search looks for. */
struct timeline_wanted {
  uint64_t kinds;         /* the set of kinds */
  uint64_t szidx;         /* the class; EVENT_NOWHERE: any class */
  enum event_field field; /* a field that changes; EVENT_FIELD_COUNT: any */
  uint64_t where;         /* the record of that field */
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
  bool borrows_trace;         /* its memory belongs to another record */
  struct timeline_live *live; /* by handle */
  size_t next_allowance;
  struct timeline_checkpoint *checkpoints; /* checkpoint i is at i * interval */
  size_t checkpoint_count, checkpoint_bytes;
  size_t checkpoint_bytes_max; /* TIMELINE_CHECKPOINT_BYTES; specs set less */
  uint64_t interval;
  struct timeline_events events; /* of request 'at' */
  struct watch watch;
  const struct timeline_wanted *wanted; /* of the present or last search */
  bool is_found;
  struct event found; /* the last event found */
  struct timeline_memory memory;
  char error[TIMELINE_ERROR_BYTES];
};

/*
** Reads the requests of one interpreter to the end of a trace, and makes a heap
** for them. NULL: 'why' (of 'why_bytes') holds a sentence.
*/
struct timeline *timeline_open(struct trace *trace, size_t interpreter,
                               const pym_options *options, char *why,
                               size_t why_bytes);

/*
** The same for the first 'count' requests of a trace in memory, which must stay
** there as long as the timeline. NULL: there is no memory.
*/
struct timeline *timeline_open_loaded(const struct loaded_trace *loaded,
                                      size_t count, const pym_options *options);

/*
** Leaves out the requests behind the present time. If the timeline borrows its
** trace, it copies the rest first. false: there is no memory, and the timeline
** is as before.
*/
bool timeline_cut(struct timeline *timeline);

/*
** Cuts the trace at the present time, as timeline_cut does, and adds a request
** there; it is not run yet. A free of an id that is not live is free(NULL); a
** malloc or calloc of one that is live is refused. Returns false if there is no
** memory or the request is refused: 'error' then says why.
*/
bool timeline_append(struct timeline *timeline, const struct trace_op *op);

/* NULL is allowed. */
void timeline_close(struct timeline *timeline);

/* Requests of the whole trace. */
static inline uint64_t timeline_length(const struct timeline *timeline)
{
  return timeline->trace.count;
}

/*
** Moves to the time after request number 'at', which is at most the length.
** Returns false if a request on the way cannot be run: 'error' then says why,
** and the timeline stands in front of that request.
*/
bool timeline_seek(struct timeline *timeline, uint64_t at);

/*
** Forward moves behind the next request that has a wanted event; backward
** moves behind the last such request before the one just done. Both return
** false if there is none: the timeline is then at its end, or at 0. If a
** request cannot be run, the timeline stands in front of it and 'error' says
** why; else 'error' is empty after a search forward.
*/
bool timeline_forward(struct timeline *timeline,
                      const struct timeline_wanted *wanted);
bool timeline_backward(struct timeline *timeline,
                       const struct timeline_wanted *wanted);

/*
** Writes the last wanted event up to now to '*event'. The timeline stays where
** it is. Returns false if there was none.
*/
bool timeline_last(struct timeline *timeline,
                   const struct timeline_wanted *wanted, struct event *event);

/*
** Writes the events that a free of a block would cause now to '*events', and
** leaves the heap as it is. timeline_events_close frees them. Returns false if
** there is no memory.
*/
bool timeline_what_if_free(struct timeline *timeline, void *freed,
                           struct timeline_events *events);

void timeline_events_close(struct timeline_events *events);

enum timeline_figure {
  TIMELINE_LIVE,  /* bytes of live blocks, as requested */
  TIMELINE_HELD,  /* bytes of arenas, and where they are equal, live bytes in
                     pools: the peak */
  TIMELINE_UNUSED /* bytes of arenas that are not of live blocks, at or after
                     the peak */
};

/*
** The first time at which a figure is at its most. The timeline stays where it
** is. Requests behind one that cannot be run do not count.
*/
uint64_t timeline_most(struct timeline *timeline, enum timeline_figure figure);

/*
** A hash of the places of all blocks that the requests get, in order, and of the
** state after the last one. Replays with equal placements have equal digests,
** on any machine. The timeline stays where it is.
*/
uint64_t timeline_digest(struct timeline *timeline);

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

/* The time of the nearest checkpoint at or before a time. */
uint64_t timeline_checkpoint_before(const struct timeline *timeline,
                                    uint64_t at);

#endif
