/*
** What the files of a run share: run.c does requests, run_marks.c keeps the
** checkpoints, run_search.c looks for events and for what a free would cause.
*/
#ifndef TIMELINE_PARTS_H
#define TIMELINE_PARTS_H

#include "timeline/timeline.h"

/* run_marks.c. false: no memory. */
bool run_open_marks(struct run *run);
void run_close_marks(struct run *run);

/* Takes a checkpoint if one is due here that is not there yet. */
void run_add_mark(struct run *run);

/* The checkpoint before a time, or at it. */
const struct run_mark *run_find_mark(const struct run *run, uint64_t at);

/* Puts the run back to the time of a checkpoint. */
void run_restore_mark(struct run *run, const struct run_mark *mark);

/*
** run.c. To a later time; checkpoints that are due on the way are taken. false:
** a request cannot be run.
*/
bool run_advance_to(struct run *run, uint64_t at);

/* Anywhere, without the events of the last request. */
bool run_go_to(struct run *run, uint64_t at);

/* One request, with its events. */
bool run_step(struct run *run);

/* Finds the events of the request just done. */
void run_look_again(struct run *run);

/* A listener whose context is a struct run_events. */
void run_add_event(void *context, const struct event *event);

#endif
