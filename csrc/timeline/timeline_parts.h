/*
** Functions that the files of a timeline share. timeline.c runs requests,
** timeline_checkpoints.c keeps the checkpoints, timeline_search.c looks for
** events and finds what a free would cause, timeline_append.c changes the trace.
*/
#ifndef TIMELINE_PARTS_H
#define TIMELINE_PARTS_H

#include "timeline/timeline.h"

/* Make and free the checkpoints. Opening returns false: no memory. */
bool timeline_open_checkpoints(struct timeline *timeline);
void timeline_close_checkpoints(struct timeline *timeline);

/*
** Takes a checkpoint if one is due at this time and was not taken before. A
** checkpoint that cannot be taken for lack of memory is skipped: seeking is
** then slower, not wrong.
*/
void timeline_add_checkpoint(struct timeline *timeline);

/* The nearest checkpoint at or before a time. There is always one at 0. */
const struct timeline_checkpoint *
timeline_find_checkpoint(const struct timeline *timeline, uint64_t at);

/* Frees the checkpoints that are later than the present time. */
void timeline_drop_later_checkpoints(struct timeline *timeline);

/* Puts the timeline back to the time of a checkpoint. */
void timeline_restore_checkpoint(struct timeline *timeline,
                                 const struct timeline_checkpoint *checkpoint);

/*
** Moves to a later time, and takes the checkpoints that are due on the way.
** Returns false if a request cannot be run.
*/
bool timeline_advance_to(struct timeline *timeline, uint64_t at);

/* Moves to any time, without the events of the last request. */
bool timeline_go_to(struct timeline *timeline, uint64_t at);

/* Runs one request and keeps its events. */
bool timeline_step(struct timeline *timeline);

/* Runs the request just done again, to find its events. */
void timeline_look_again(struct timeline *timeline);

/*
** Gives an event the size that its request has in the trace: a heap on a machine
** of 32 bits is asked for no more than REQUEST_MAX.
*/
static inline void timeline_set_bytes(const struct timeline *timeline,
                                      struct event *event)
{
  if (event->operation != EVENT_FREE)
    event->bytes = timeline->trace.items[event->request - 1].bytes;
}

/* A listener whose context is a struct timeline_events. */
void timeline_add_event(void *context, const struct event *event);

#endif
