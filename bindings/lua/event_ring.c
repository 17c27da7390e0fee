#include "event_ring.h"

#include <stdlib.h>

static struct event *place_of(const struct event_ring *ring, uint64_t number)
{
  assert(ring->capacity > 0);
  return &ring->events[number % ring->capacity];
}

const struct event *event_ring_at(const struct event_ring *ring,
                                  uint64_t number)
{
  return number >= ring->first && number < ring->end ? place_of(ring, number)
                                                     : NULL;
}

bool event_ring_add(struct event_ring *ring, const struct event *event)
{
  if (event_ring_count(ring) == ring->capacity)
    return false;
  *place_of(ring, ring->end++) = *event;
  return true;
}

void event_ring_drop(struct event_ring *ring)
{
  assert(event_ring_count(ring) > 0);
  ring->first++;
}

bool event_ring_resize(struct event_ring *ring, size_t capacity)
{
  struct event_ring resized = {
      .capacity = capacity, .first = ring->first, .end = ring->end};
  if (capacity > 0 &&
      (resized.events = calloc(capacity, sizeof(struct event))) == NULL)
    return false;
  if (event_ring_count(ring) > capacity)
    resized.first = ring->end - capacity;
  for (uint64_t i = resized.first; i < resized.end; i++)
    *place_of(&resized, i) = *place_of(ring, i);
  free(ring->events);
  *ring = resized;
  return true;
}
