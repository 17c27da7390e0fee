#include "observe/event.h"

#include <string.h>

static_assert(EVENT_KIND_COUNT < 64, "a set of kinds is a word");

const char *event_name(enum event_kind kind)
{
#define EVENT_NAME(symbol, name, meaning) name,
  static const char *const names[] = {EVENTS(EVENT_NAME)};
#undef EVENT_NAME
  assert(kind < EVENT_KIND_COUNT);
  return names[kind];
}

const char *event_meaning(enum event_kind kind)
{
#define EVENT_MEANING(symbol, name, meaning) meaning,
  static const char *const meanings[] = {EVENTS(EVENT_MEANING)};
#undef EVENT_MEANING
  assert(kind < EVENT_KIND_COUNT);
  return meanings[kind];
}

const char *event_record_name(enum event_record record)
{
#define RECORD_NAME(symbol, name) name,
  static const char *const names[] = {EVENT_RECORDS(RECORD_NAME)};
#undef RECORD_NAME
  assert(record < EVENT_RECORD_COUNT);
  return names[record];
}

const char *event_operation_name(enum event_operation operation)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (operation) {
  /* GCOVR_EXCL_BR_STOP */
  case EVENT_MALLOC:
    return "malloc";
  case EVENT_CALLOC:
    return "calloc";
  case EVENT_REALLOC:
    return "realloc";
  case EVENT_FREE:
    return "free";
  }
  return NULL;
}

const char *event_field_name(enum event_field field)
{
#define FIELD_NAME(symbol, record, name, form, type, member) name,
  static const char *const names[] = {EVENT_FIELDS(FIELD_NAME)};
#undef FIELD_NAME
  assert(field < EVENT_FIELD_COUNT);
  return names[field];
}

enum event_record event_field_record(enum event_field field)
{
#define FIELD_RECORD(symbol, record, name, form, type, member) \
  EVENT_OF_##record,
  static const enum event_record records[] = {EVENT_FIELDS(FIELD_RECORD)};
#undef FIELD_RECORD
  assert(field < EVENT_FIELD_COUNT);
  return records[field];
}

enum event_form event_field_form(enum event_field field)
{
#define FIELD_FORM(symbol, record, name, form, type, member) EVENT_##form,
  static const enum event_form forms[] = {EVENT_FIELDS(FIELD_FORM)};
#undef FIELD_FORM
  assert(field < EVENT_FIELD_COUNT);
  return forms[field];
}

enum event_field event_field_of(enum event_record record, const char *name)
{
  unsigned field = 0;
  while (field < EVENT_FIELD_COUNT &&
         (event_field_record((enum event_field)field) != record ||
          strcmp(event_field_name((enum event_field)field), name) != 0))
    field++;
  return (enum event_field)field;
}
