#include "observe/event_value.h"

#include <string.h>

struct field_place {
  size_t offset, bytes;
};

#define FIELD_PLACE(symbol, record, name, form, type, member) \
  {offsetof(type, member), sizeof(((type *)0)->member)},
/* NOLINTNEXTLINE: a group is a pointer, of which the size is meant */
static const struct field_place places[] = {EVENT_FIELDS(FIELD_PLACE)};
#undef FIELD_PLACE

size_t event_record_bytes(enum event_record record)
{
  static const size_t bytes[] = {
      sizeof(pym_heap),           sizeof(struct arena_object),
      sizeof(struct watch_group), sizeof(struct pool_header),
      sizeof(struct pool_header), sizeof(struct watch_link)};
  assert(record < sizeof bytes / sizeof bytes[0]);
  return bytes[record];
}

static uint64_t encode_place(const pym_heap *heap, uintptr_t address)
{
  if (address == 0)
    return EVENT_NOWHERE;
  uintptr_t offset = address - heap->base;
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return offset <= region_span(&heap->region) ? offset : EVENT_ELSEWHERE;
  /* GCOVR_EXCL_BR_STOP */
}

uint64_t event_link(const pym_heap *heap, uintptr_t address)
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
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return offset < heap->maxarenas * sizeof(struct arena_object)
             ? offset / sizeof(struct arena_object)
             : EVENT_ELSEWHERE;
  /* GCOVR_EXCL_BR_STOP */
}

uint64_t event_field_value(const pym_heap *heap, enum event_field field,
                           const void *record)
{
  uintptr_t word;
  assert(record != NULL && field < EVENT_FIELD_COUNT);
  const char *place = (const char *)record + places[field].offset;
  /* GCOVR_EXCL_BR_START: on 64 bits each field of 4 bytes is a number */
  if (places[field].bytes == sizeof(uint32_t) &&
      event_field_form(field) == EVENT_NUMBER) {
    /* GCOVR_EXCL_BR_STOP */
    uint32_t half;
    memcpy(&half, place, sizeof half);
    return half;
  }
  assert(places[field].bytes == sizeof word);
  memcpy(&word, place, sizeof word);
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (event_field_form(field)) {
  /* GCOVR_EXCL_BR_STOP */
  case EVENT_NUMBER:
    return word;
  case EVENT_PLACE:
    return encode_place(heap, word);
  case EVENT_LINK:
    return event_link(heap, word);
  case EVENT_SLOT:
    return encode_slot(heap, word);
  }
  return EVENT_ELSEWHERE;
}

uint64_t event_where(const pym_heap *heap, enum event_record record,
                     const void *place)
{
  uintptr_t address = (uintptr_t)place;
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (record) {
  /* GCOVR_EXCL_BR_STOP */
  case EVENT_OF_HEAP:
    return 0;
  case EVENT_OF_ARENA:
    return encode_slot(heap, address);
  case EVENT_OF_GROUP:
    return (address - (uintptr_t)heap->order.nfp2lasta) /
           sizeof(struct watch_group);
  case EVENT_OF_CLASS:
    return event_link(heap, address) & ~EVENT_RING;
  case EVENT_OF_POOL:
  case EVENT_OF_BLOCK:
    return encode_place(heap, address);
  case EVENT_RECORD_COUNT:
    break;
  }
  return EVENT_ELSEWHERE;
}
