/*
** What the files of a timeline share: timeline.c does requests, timeline_checkpoints.c keeps the
** checkpoints, timeline_search.c looks for events and for what a free would cause.
*/
#ifndef TIMELINE_PARTS_H
#define TIMELINE_PARTS_H

#include "timeline/timeline.h"

/* timeline_checkpoints.c. false: no memory. */
bool timeline_open_checkpoints(struct timeline *timeline);
void timeline_close_checkpoints(struct timeline *timeline);

/* Takes a checkpoint if one is due here that is not there yet. */
void timeline_add_checkpoint(struct timeline *timeline);

/* The checkpoint before a time, or at it. */
const struct timeline_checkpoint *
find_checkpoint(const struct timeline *timeline, uint64_t at);

/* Puts the timeline back to the time of a checkpoint. */
void timeline_restore_checkpoint(struct timeline *timeline,
                                 const struct timeline_checkpoint *checkpoint);

/*
** timeline.c. To a later time; checkpoints that are due on the way are taken. false:
** a request cannot be run.
*/
bool timeline_advance_to(struct timeline *timeline, uint64_t at);

/* Anywhere, without the events of the last request. */
bool timeline_go_to(struct timeline *timeline, uint64_t at);

/* One request, with its events. */
bool timeline_step(struct timeline *timeline);

/* Finds the events of the request just done. */
void timeline_look_again(struct timeline *timeline);

/* A listener whose context is a struct timeline_events. */
void timeline_add_event(void *context, const struct event *event);

#endif
