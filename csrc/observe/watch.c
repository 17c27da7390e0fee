#include "observe/watch.h"

#include <string.h>

#include "observe/event_value.h"
#include "state/walk.h"

/*
** {==================================================================
** Telling
** ===================================================================
*/

static void add_change(struct watch *watch, enum event_field field,
                       uint64_t where, uint64_t old_value, uint64_t new_value)
{
  struct event *event = &watch->event;
  assert(event->change_count < EVENT_CHANGES_MAX);
  /* GCOVR_EXCL_BR_START: no step changes more than twelve fields */
  if (event->change_count < EVENT_CHANGES_MAX)
    event->changes[event->change_count++] =
        (struct event_change){field, where, old_value, new_value};
  /* GCOVR_EXCL_BR_STOP */
}

/* Compares a record with its copy, field by field. */
static void add_differences(struct watch *watch, const struct watch_kept *kept)
{
  const pym_heap *heap = watch->heap;
  uint64_t where = event_where(heap, kept->record, kept->place);
  assert(where != EVENT_ELSEWHERE);
  for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++) {
    enum event_field field = (enum event_field)i;
    if (event_field_record(field) != kept->record)
      continue;
    uint64_t old_value = event_field_value(heap, field, kept->copy);
    uint64_t new_value = event_field_value(heap, field, kept->place);
    if (old_value != new_value)
      add_change(watch, field, where, old_value, new_value);
  }
}

/* Adds every field of a record that comes into being or ends to exist. */
static void add_whole(struct watch *watch, enum event_record record,
                      const void *place, bool is_birth)
{
  uint64_t where = event_where(watch->heap, record, place);
  for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++) {
    enum event_field field = (enum event_field)i;
    if (event_field_record(field) != record)
      continue;
    uint64_t value = event_field_value(watch->heap, field, place);
    add_change(watch, field, where, is_birth ? EVENT_ABSENT : value,
               is_birth ? value : EVENT_ABSENT);
  }
}

/* The size class of the record that an event is about. */
static uint64_t class_of(const pym_heap *heap, enum event_record about,
                         const void *place)
{
  if (about != EVENT_OF_POOL && about != EVENT_OF_BLOCK)
    return EVENT_NOWHERE;
  const struct pool_header *pool = heap_pool_of(heap, place);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return heap_owns(heap, place) && walk_has_class(heap, pool) ? pool->szidx
                                                              : EVENT_NOWHERE;
  /* GCOVR_EXCL_BR_STOP */
}

/* Starts an event. false: the listener does not want its kind. */
static bool begin(struct watch *watch, enum event_kind kind,
                  enum event_record about, const void *place)
{
  struct event *event = &watch->event;
  assert(kind < EVENT_KIND_COUNT && about < EVENT_RECORD_COUNT);
  if ((watch->kinds & EVENT_BIT(kind)) == 0) {
    watch->kept_count = 0;
    return false;
  }
  event->kind = kind;
  event->about = about;
  event->where = event_where(watch->heap, about, place);
  event->szidx = class_of(watch->heap, about, place);
  event->change_count = 0;
  for (unsigned i = 0; i < watch->kept_count; i++)
    add_differences(watch, &watch->kept[i]);
  watch->kept_count = 0;
  return true;
}

static void finish(struct watch *watch)
{
  assert(watch->heap->watch == watch && watch->kept_count == 0);
  watch->listen(watch->context, &watch->event);
  watch->event.index++;
}

void watch_keep(struct watch *watch, enum event_record record,
                const void *place)
{
  for (unsigned i = 0; i < watch->kept_count; i++)
    if (watch->kept[i].place == place)
      return;
  assert(watch->kept_count < WATCH_KEPT_MAX);
  /* GCOVR_EXCL_BR_START: no step keeps more than twelve records */
  if (watch->kept_count == WATCH_KEPT_MAX)
    return;
  /* GCOVR_EXCL_BR_STOP */
  struct watch_kept *kept = &watch->kept[watch->kept_count++];
  kept->record = record;
  kept->place = place;
  assert(event_record_bytes(record) <= sizeof kept->copy);
  memcpy(kept->copy, place, event_record_bytes(record));
}

void watch_tell(struct watch *watch, enum event_kind kind,
                enum event_record about, const void *place)
{
  if (begin(watch, kind, about, place))
    finish(watch);
}

void watch_tell_birth(struct watch *watch, enum event_kind kind,
                      enum event_record about, const void *place)
{
  if (!begin(watch, kind, about, place))
    return;
  add_whole(watch, about, place, true);
  finish(watch);
}

void watch_tell_death(struct watch *watch, enum event_kind kind,
                      enum event_record about, const void *place)
{
  if (!begin(watch, kind, about, place))
    return;
  add_whole(watch, about, place, false);
  finish(watch);
}

/* }================================================================== */

/*
** {==================================================================
** Copying the records of a step
** ===================================================================
*/

/* Copies a pool header, or the ring header of a class. */
static void keep_link(struct watch *watch, const struct pool_header *pool)
{
  bool is_ring = (event_link(watch->heap, (uintptr_t)pool) & EVENT_RING) != 0;
  watch_keep(watch, is_ring ? EVENT_OF_CLASS : EVENT_OF_POOL, pool);
}

void watch_keep_ring(struct watch *watch, const struct pool_header *pool)
{
  const struct pool_header *ring = &watch->heap->usedpools[pool->szidx];
  keep_link(watch, pool);
  keep_link(watch, ring);
  keep_link(watch, ring->nextpool);
}

void watch_keep_neighbours(struct watch *watch, const struct pool_header *pool)
{
  keep_link(watch, pool->prevpool);
  keep_link(watch, pool->nextpool);
}

static void keep_arena(struct watch *watch, const struct arena_object *arena)
{
  if (arena != NULL)
    watch_keep(watch, EVENT_OF_ARENA, arena);
}

static void keep_group(struct watch *watch, size_t nfreepools)
{
  watch_keep(watch, EVENT_OF_GROUP, &watch->heap->order.nfp2lasta[nfreepools]);
}

void watch_keep_order(struct watch *watch, const struct arena_object *arena,
                      size_t was)
{
  const struct arena_order *order = &watch->heap->order;
  const struct arena_object *last = order->nfp2lasta[was];
  watch_heap(watch);
  keep_arena(watch, arena);
  if (arena_is_listed(order, arena)) {
    keep_arena(watch, arena->prevarena);
    keep_arena(watch, arena->nextarena);
  }
  keep_arena(watch, order->usable_arenas);
  keep_arena(watch, last);
  if (last != NULL)
    keep_arena(watch, last->nextarena);
  keep_group(watch, was);
  keep_group(watch, arena->nfreepools);
}

void watch_tell_chain(struct watch *watch, const struct pool_header *pool)
{
  if (!walk_has_class(watch->heap, pool))
    return;
  size_t most = pym_class_capacity(&watch->heap->geometry, pool->szidx);
  block *link = walk_free_block(watch->heap, pool, pool->freeblock);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  for (size_t i = 0; link != NULL && i < most; i++) {
    /* GCOVR_EXCL_BR_STOP */
    watch_tell_death(watch, EVENT_BLOCK_FORGET, EVENT_OF_BLOCK, link);
    link = walk_free_block(watch->heap, pool, block_link(link));
  }
}

void watch_tell_pools(struct watch *watch, const struct arena_object *arena)
{
  if ((watch->kinds & EVENT_DETAILS) == 0)
    return;
  const struct pool_header *pool = walk_first_pool(watch->heap, arena);
  for (; pool != NULL; pool = walk_next_pool(watch->heap, arena, pool)) {
    watch_tell_chain(watch, pool);
    watch_tell_death(watch, EVENT_POOL_FORGET, EVENT_OF_POOL, pool);
  }
}

/* }================================================================== */
