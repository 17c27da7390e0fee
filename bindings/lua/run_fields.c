/*
** The fields of one record of a run's heap, with the values that events have.
*/
#include "argument.h"
#include "event_table.h"
#include "observe/event_value.h"
#include "run_type.h"
#include "table.h"
#include "view.h"

/* The arena at index 3. */
static const struct arena_object *check_arena(lua_State *L,
                                              const pym_heap *heap)
{
  size_t slot = binding_check_size(L, 3, "run.fields: arena");
  const struct arena_object *arena = heap_arena(heap, slot);
  if (arena == NULL)
    luaL_error(L, "pymalloc: slot %I has no arena", (LUAI_UACINT)slot);
  return arena;
}

/* The record whose name is at index 2. */
static const void *check_record(lua_State *L, const pym_heap *heap,
                                enum event_record *record)
{
  static const char *const names[] = {"heap", "arena", "pool", "class", NULL};
  static const enum event_record records[] = {EVENT_OF_HEAP, EVENT_OF_ARENA,
                                              EVENT_OF_POOL, EVENT_OF_CLASS};
  *record = records[luaL_checkoption(L, 2, NULL, names)];
  if (*record == EVENT_OF_HEAP)
    return heap;
  if (*record == EVENT_OF_CLASS)
    return &heap->usedpools[binding_check_integer(
        L, 3, "run.fields: class", 0, (lua_Integer)heap->class_count - 1)];
  const struct arena_object *arena = check_arena(L, heap);
  if (*record == EVENT_OF_ARENA)
    return arena;
  size_t offset = binding_check_size(L, 4, "run.fields: pool");
  const struct pool_header *pool = view_pool_at(heap, arena, offset);
  if (pool == NULL)
    luaL_error(L, "pymalloc: there is no carved pool at %I",
               (LUAI_UACINT)offset);
  return pool;
}

/* Copies the fields of a record in the order of its struct. */
static size_t copy_fields(const pym_heap *heap, enum event_record record,
                          const void *place, struct event_change *changes)
{
  size_t count = 0;
  for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++) {
    enum event_field field = (enum event_field)i;
    if (event_field_record(field) != record)
      continue;
    changes[count++] = (struct event_change){
        .field = field,
        .where = event_where(heap, record, place),
        .new_value = event_field_value(heap, field, place)};
  }
  return count;
}

/*
** run.fields(run, record, where...): the fields of a record in the order of its
** struct, each {name =, value =}, with the values that events have. A record is
** "heap"; "arena" and its slot; "pool", its slot and offset; or "class" and its
** index.
*/
static int fields(lua_State *L)
{
  enum event_record record;
  struct event_change changes[EVENT_FIELD_COUNT];
  lua_settop(L, 4);
  const struct timeline *run = binding_check_run(L);
  const void *place = check_record(L, run->heap, &record);
  size_t count = copy_fields(run->heap, record, place, changes);
  pym_geometry geometry = run->heap->geometry;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 2);
    table_set_string(L, "name", event_field_name(changes[i].field));
    event_push_value(L, &changes[i], &geometry);
    lua_setfield(L, -2, "value");
    table_append(L, 5, (lua_Integer)i + 1);
  }
  return 1;
}

static const luaL_Reg functions[] = {{"fields", fields}, {NULL, NULL}};

void binding_set_run_fields(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
