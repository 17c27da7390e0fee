/*
** Reads the records of a heap as events tell them. An address becomes a number
** that does not depend on where the heap lies: an offset in the region, a slot
** of the arenas vector, or a size class.
*/
#ifndef EVENT_VALUE_H
#define EVENT_VALUE_H

#include "observe/event.h"
#include "state/heap.h"

/* The records of which each is a single word. */
struct watch_group {
  struct arena_object *lasta;
};
struct watch_link {
  block *next;
};

/* The size of a record in bytes. */
size_t event_record_bytes(enum event_record record);

/* The number by which events name the record at 'place'. */
uint64_t event_where(const pym_heap *heap, enum event_record record,
                     const void *place);

/* The value of a field of a record, or of a copy of the record. */
uint64_t event_field_value(const pym_heap *heap, enum event_field field,
                           const void *record);

/* The value of a link to a pool or to a ring header in usedpools. */
uint64_t event_link(const pym_heap *heap, uintptr_t address);

#endif
