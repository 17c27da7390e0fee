/*
** Searches in a run: requests by their events.
*/
#include <string.h>

#include "argument.h"
#include "event_table.h"
#include "run_type.h"

/* Reads the kinds at index 2, and a class or nil at index 3. */
static struct timeline_wanted check_wanted(lua_State *L)
{
  struct timeline_wanted wanted = {.szidx = EVENT_NOWHERE,
                                   .field = EVENT_FIELD_COUNT};
  wanted.kinds = event_check_kinds(L, 2, "run: kinds");
  if (!lua_isnoneornil(L, 3))
    wanted.szidx = binding_check_number(L, 3, "run: class");
  return wanted;
}

/*
** run.forward(run, kinds [, class]): true if there is such a request ahead;
** else false and the reason why the rest cannot be run, or nil.
*/
static int forward(lua_State *L)
{
  struct timeline *run = binding_check_run(L);
  struct timeline_wanted wanted = check_wanted(L);
  lua_pushboolean(L, timeline_forward(run, &wanted));
  if (run->error[0] != '\0')
    lua_pushstring(L, run->error);
  else
    lua_pushnil(L);
  return 2;
}

/* run.backward(run, kinds [, class]) */
static int backward(lua_State *L)
{
  struct timeline *run = binding_check_run(L);
  struct timeline_wanted wanted = check_wanted(L);
  lua_pushboolean(L, timeline_backward(run, &wanted));
  return 1;
}

/* The place of a pool or block, from its slot, pool and block at 'index' on. */
static uint64_t check_place(lua_State *L, const pym_geometry *geometry,
                            int index, bool has_offset)
{
  uint64_t slot = binding_check_number(L, index, "run: arena");
  uint64_t pool = binding_check_number(L, index + 1, "run: pool");
  uint64_t offset =
      has_offset ? binding_check_number(L, index + 2, "run: block") : 0;
  return slot * geometry->arena_bytes + geometry_first_pool(geometry) + pool +
         offset;
}

static uint64_t check_where(lua_State *L, const struct timeline *run,
                            enum event_record record, int index)
{
  switch (record) {
  case EVENT_OF_HEAP:
    return 0;
  case EVENT_OF_ARENA:
  case EVENT_OF_GROUP:
  case EVENT_OF_CLASS:
    return binding_check_number(L, index, "run: number");
  case EVENT_OF_POOL:
  case EVENT_OF_BLOCK:
    return check_place(L, &run->heap->geometry, index,
                       record == EVENT_OF_BLOCK);
  case EVENT_RECORD_COUNT:
    break;
  }
  return 0;
}

static enum event_record check_record(lua_State *L, int index)
{
  const char *name = binding_to_word(L, index);
  for (unsigned i = 0; name != NULL && i < EVENT_RECORD_COUNT; i++)
    if (strcmp(event_record_name((enum event_record)i), name) == 0)
      return (enum event_record)i;
  luaL_error(L, "pymalloc: run:last_write: there is no record %s",
             binding_quote(L, index));
  return EVENT_RECORD_COUNT;
}

static enum event_field check_field(lua_State *L, enum event_record record,
                                    int index)
{
  const char *name = binding_to_word(L, index);
  enum event_field field =
      name == NULL ? EVENT_FIELD_COUNT : event_field_of(record, name);
  if (field == EVENT_FIELD_COUNT)
    luaL_error(L, "pymalloc: run:last_write: %s has no field %s",
               event_record_name(record), binding_quote(L, index));
  return field;
}

/*
** run.last(run, record, field, where...): the last event that changed the
** field, or nil.
*/
static int last(lua_State *L)
{
  struct event found;
  struct timeline *run = binding_check_run(L);
  enum event_record record = check_record(L, 2);
  struct timeline_wanted wanted = {.kinds = EVENT_ALL,
                                   .szidx = EVENT_NOWHERE,
                                   .field = check_field(L, record, 3)};
  wanted.where = check_where(L, run, record, 4);
  pym_geometry geometry = run->heap->geometry;
  if (timeline_last(run, &wanted, &found))
    event_push(L, &found, &geometry);
  else
    luaL_pushfail(L);
  return 1;
}

/* run.mark_before(run, op): the time of the nearest checkpoint before. */
static int mark_before(lua_State *L)
{
  const struct timeline *run = binding_check_run(L);
  uint64_t at = binding_check_time(L, run, 2, "run: op");
  lua_pushinteger(L, (lua_Integer)timeline_checkpoint_before(run, at));
  return 1;
}

static const luaL_Reg functions[] = {{"forward", forward},
                                     {"backward", backward},
                                     {"last", last},
                                     {"mark_before", mark_before},
                                     {NULL, NULL}};

void binding_set_run_search(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
