#include "observe/watch.h"

#include <string.h>

#include "state/walk.h"

/*
** {==================================================================
** Fields, as events tell them
** ===================================================================
*/

struct field_place {
  size_t offset, bytes;
};

#define FIELD_PLACE(symbol, record, name, form, type, member) \
  {offsetof(type, member), sizeof(((type *)0)->member)},
/* NOLINTNEXTLINE: a group is a pointer, of which the size is meant */
static const struct field_place places[] = {EVENT_FIELDS(FIELD_PLACE)};
#undef FIELD_PLACE

/* The bytes that a record of each kind has. */
static size_t record_bytes(enum event_record record)
{
  static const size_t bytes[] = {
      sizeof(pym_heap),           sizeof(struct arena_object),
      sizeof(struct watch_group), sizeof(struct pool_header),
      sizeof(struct pool_header), sizeof(struct watch_link)};
  return bytes[record];
}

static uint64_t encode_place(const pym_heap *heap, uintptr_t address)
{
  if (address == 0)
    return EVENT_NOWHERE;
  uintptr_t offset = address - heap->base;
  return offset <= region_span(&heap->region) ? offset : EVENT_ELSEWHERE;
}

static uint64_t encode_link(const pym_heap *heap, uintptr_t address)
{
  uintptr_t offset = address - (uintptr_t)heap->usedpools;
  if (offset < heap->class_count * sizeof(struct pool_header))
    return EVENT_RING | offset / sizeof(struct pool_header);
  return encode_place(heap, address);
}

static uint64_t encode_slot(const pym_heap *heap, uintptr_t address)
{
  uintptr_t offset = address - (uintptr_t)heap->arenas;
  if (address == 0)
    return EVENT_NOWHERE;
  return offset < heap->maxarenas * sizeof(struct arena_object)
             ? offset / sizeof(struct arena_object)
             : EVENT_ELSEWHERE;
}

/* The value of a field of a record, which may be a copy. */
static uint64_t field_value(const pym_heap *heap, enum event_field field,
                            const void *record)
{
  uint32_t half;
  uint64_t word;
  const char *place = (const char *)record + places[field].offset;
  if (places[field].bytes == sizeof half) {
    memcpy(&half, place, sizeof half);
    return half;
  }
  memcpy(&word, place, sizeof word);
  switch (event_field_form(field)) {
  case EVENT_NUMBER:
    return word;
  case EVENT_PLACE:
    return encode_place(heap, word);
  case EVENT_LINK:
    return encode_link(heap, word);
  case EVENT_SLOT:
    return encode_slot(heap, word);
  }
  return EVENT_ELSEWHERE;
}

/* Which record of its kind the one at 'place' is. */
static uint64_t where_of(const pym_heap *heap, enum event_record record,
                         const void *place)
{
  uintptr_t address = (uintptr_t)place;
  switch (record) {
  case EVENT_OF_HEAP:
    return 0;
  case EVENT_OF_ARENA:
    return encode_slot(heap, address);
  case EVENT_OF_GROUP:
    return (address - (uintptr_t)heap->order.nfp2lasta) /
           sizeof(struct watch_group);
  case EVENT_OF_CLASS:
    return encode_link(heap, address) & ~EVENT_RING;
  case EVENT_OF_POOL:
  case EVENT_OF_BLOCK:
    return encode_place(heap, address);
  case EVENT_RECORD_COUNT:
    break;
  }
  return EVENT_ELSEWHERE;
}

/* }================================================================== */

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
  if (event->change_count < EVENT_CHANGES_MAX)
    event->changes[event->change_count++] =
        (struct event_change){field, where, old_value, new_value};
}

/* Compares a record with its copy, field by field. */
static void add_differences(struct watch *watch, const struct watch_kept *kept)
{
  const pym_heap *heap = watch->heap;
  uint64_t where = where_of(heap, kept->record, kept->place);
  for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++) {
    enum event_field field = (enum event_field)i;
    if (event_field_record(field) != kept->record)
      continue;
    uint64_t old_value = field_value(heap, field, kept->copy);
    uint64_t new_value = field_value(heap, field, kept->place);
    if (old_value != new_value)
      add_change(watch, field, where, old_value, new_value);
  }
}

/* Every field of a record that comes into being, or ends. */
static void add_whole(struct watch *watch, enum event_record record,
                      const void *place, bool is_birth)
{
  uint64_t where = where_of(watch->heap, record, place);
  for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++) {
    enum event_field field = (enum event_field)i;
    if (event_field_record(field) != record)
      continue;
    uint64_t value = field_value(watch->heap, field, place);
    add_change(watch, field, where, is_birth ? EVENT_ABSENT : value,
               is_birth ? value : EVENT_ABSENT);
  }
}

/* The class of what an event is about. */
static uint64_t class_of(const pym_heap *heap, enum event_record about,
                         const void *place)
{
  if (about != EVENT_OF_POOL && about != EVENT_OF_BLOCK)
    return EVENT_NOWHERE;
  const struct pool_header *pool = heap_pool_of(heap, place);
  return heap_owns(heap, place) && walk_has_class(heap, pool) ? pool->szidx
                                                              : EVENT_NOWHERE;
}

/* Starts the event; false: nobody wants to know. */
static bool begin(struct watch *watch, enum event_kind kind,
                  enum event_record about, const void *place)
{
  struct event *event = &watch->event;
  if ((watch->kinds & EVENT_BIT(kind)) == 0) {
    watch->kept_count = 0;
    return false;
  }
  event->kind = kind;
  event->about = about;
  event->where = where_of(watch->heap, about, place);
  event->szidx = class_of(watch->heap, about, place);
  event->change_count = 0;
  for (unsigned i = 0; i < watch->kept_count; i++)
    add_differences(watch, &watch->kept[i]);
  watch->kept_count = 0;
  return true;
}

static void finish(struct watch *watch)
{
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
  if (watch->kept_count == WATCH_KEPT_MAX)
    return;
  struct watch_kept *kept = &watch->kept[watch->kept_count++];
  kept->record = record;
  kept->place = place;
  memcpy(kept->copy, place, record_bytes(record));
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
** What steps touch
** ===================================================================
*/

/* A pool, or the header of a class. */
static void keep_link(struct watch *watch, const struct pool_header *pool)
{
  bool is_ring = (encode_link(watch->heap, (uintptr_t)pool) & EVENT_RING) != 0;
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
  for (size_t i = 0; link != NULL && i < most; i++) {
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
