#include "watching.h"

#include <stdlib.h>

#include "heap.h"
#include "serve/watch_layer.h"

#define PENDING_MIN ((size_t)64)
#define PENDING_MAX ((size_t)1 << 16) /* any more events are lost */

static bool is_detail(const struct event *event)
{
  return (EVENT_DETAILS & EVENT_BIT(event->kind)) != 0;
}

/* The oldest event makes room. */
static void add_to_history(struct event_ring *history,
                           const struct event *event)
{
  if (history->capacity == 0)
    return;
  if (event_ring_count(history) == history->capacity)
    event_ring_drop(history);
  (void)event_ring_add(history, event);
}

static bool make_room(struct event_ring *pending)
{
  if (event_ring_count(pending) < pending->capacity)
    return true;
  size_t capacity =
      pending->capacity == 0 ? PENDING_MIN : 2 * pending->capacity;
  return capacity <= PENDING_MAX && event_ring_resize(pending, capacity);
}

/* An event_listener. */
static void receive(void *context, const struct event *event)
{
  struct binding_watching *watching = context;
  if (!is_detail(event))
    add_to_history(&watching->history, event);
  if (watching->is_quiet || (watching->kinds & EVENT_BIT(event->kind)) == 0)
    return;
  if (make_room(&watching->pending))
    (void)event_ring_add(&watching->pending, event);
  else
    watching->lost++;
}

static void stop(struct binding_watching *watching)
{
  if (watching->watch.heap != NULL)
    watch_stop(&watching->watch);
  watching->watch.heap = NULL;
  watching->kinds = 0;
  (void)event_ring_resize(&watching->history, 0);
  if (!watching->is_telling)
    (void)event_ring_resize(&watching->pending, 0);
}

/* The requests are numbered anew: what waits of the old numbers is dropped. */
static void start(struct binding_watching *watching, pym_heap *core,
                  uint64_t watched)
{
  watching->pending.first = watching->pending.end;
  watch_start(&watching->watch, core, watched, receive, watching);
}

bool watching_set(struct binding_heap *heap, uint64_t kinds, size_t kept)
{
  struct binding_watching *watching = heap->watching;
  if (watching == NULL && kinds == 0 && kept == 0)
    return true;
  if (watching == NULL)
    watching = heap->watching = calloc(1, sizeof *watching);
  if (watching == NULL || !event_ring_resize(&watching->history, kept))
    return false;
  uint64_t watched = kinds | (kept > 0 ? EVENT_ALL & ~EVENT_DETAILS : 0);
  watching->kinds = kinds;
  if (watched == 0)
    stop(watching);
  else if (watching->watch.heap == NULL)
    start(watching, heap->core, watched);
  else
    watching->watch.kinds = watched;
  return true;
}

void watching_end(struct binding_heap *heap)
{
  if (heap->watching != NULL)
    stop(heap->watching);
}

void watching_free(struct binding_watching *watching)
{
  if (watching == NULL)
    return;
  (void)event_ring_resize(&watching->history, 0);
  (void)event_ring_resize(&watching->pending, 0);
  free(watching);
}
