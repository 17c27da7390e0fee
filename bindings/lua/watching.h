/*
** Watching a heap: during a request the heap calls its listener in C with each
** event, which adds the event to two rings.
**
**   history   the last events, without details, for heap:last_events
**   pending   those that the listeners want; they are told when the request is
**             over, and the heap is whole (telling.c)
*/
#ifndef WATCHING_H
#define WATCHING_H

#include "event_ring.h"
#include "observe/watch.h"

struct binding_heap;

/* Of a heap that was watched once. It lasts as long as the heap's record. */
struct binding_watching {
  struct watch watch;
  uint64_t kinds; /* that listeners want */
  struct event_ring history, pending;
  uint64_t lost;           /* events for which pending had no room */
  bool is_telling;         /* pending events are being told to the listeners */
  bool is_listening;       /* a listener may be running */
  bool began_in_finalizer; /* the listeners were called in a finalizer */
  bool is_quiet;           /* the present request is not told to listeners */
};

/*
** Watches the heap, which is open: 'kinds' are for the listeners, 'kept' is the
** capacity of the history. If both are 0, the heap is not watched any more.
** Returns false, and changes nothing, where there is no memory.
*/
bool watching_set(struct binding_heap *heap, uint64_t kinds, size_t kept);

/* The heap closes. Events that are being told are told to the end. */
void watching_end(struct binding_heap *heap);

/* The record of the heap ends. */
void watching_free(struct binding_watching *watching);

#endif
