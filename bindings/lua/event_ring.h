/*
** A list of events from which the oldest are taken out first. Each event that
** is added gets the next number, from 0 on.
**
**   first      end
**     v         v
**   [ 4 | 5 | 6 |   ]     at (number % capacity)
*/
#ifndef EVENT_RING_H
#define EVENT_RING_H

#include "observe/event.h"

struct event_ring {
  struct event *events; /* NULL: capacity is 0 */
  size_t capacity;
  uint64_t first, end; /* numbers of the oldest event and of the next one */
};

static inline size_t event_ring_count(const struct event_ring *ring)
{
  return (size_t)(ring->end - ring->first);
}

/* The event with that number; NULL: it is not in the ring. */
const struct event *event_ring_at(const struct event_ring *ring,
                                  uint64_t number);

/* Adds a copy of an event; false: the ring is full. */
bool event_ring_add(struct event_ring *ring, const struct event *event);

/* Takes the oldest event out of a ring that is not empty. */
void event_ring_drop(struct event_ring *ring);

/*
** Changes the capacity and keeps the last events, as many as fit. Returns
** false, and changes nothing, where there is no memory. Capacity 0 frees all.
*/
bool event_ring_resize(struct event_ring *ring, size_t capacity);

#endif
