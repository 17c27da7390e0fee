/*
** The layer of a watched heap. It numbers the requests and records what each
** one asks for and which was refused; the steps inside a request are recorded
** by the functions of serve/ that take them (observe/watch.h).
**
** Tested by spec/unit/event_spec.lua.
*/
#ifndef WATCH_LAYER_H
#define WATCH_LAYER_H

#include "observe/watch.h"

/*
** Begins to watch a heap that has no watch yet: calls 'listen' with each event
** whose kind is in 'kinds' (a set of bits). The heap keeps the address of
** 'watch' until watch_stop.
*/
void watch_start(struct watch *watch, pym_heap *heap, uint64_t kinds,
                 event_listener listen, void *context);

/* Ends the watch. The heap gets back the layer that it had before. */
void watch_stop(struct watch *watch);

/* Gives the next request this number. */
void watch_number(struct watch *watch, uint64_t request);

#endif
