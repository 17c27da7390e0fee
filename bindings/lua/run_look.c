/*
** Reads a run at the request where it stands: the request, its events, the live
** blocks, and the events that a free would cause.
*/
#include <stdio.h>

#include "argument.h"
#include "heap.h"
#include "table.h"
#include "report/state_hash.h"
#include "event_table.h"
#include "run_type.h"

/* The events of the request just done, or those that a free would cause. */
static const struct timeline_events *events_of(lua_State *L, bool is_caused)
{
  const struct timeline *run = binding_check_run(L);
  return is_caused ? &run->caused : &run->events;
}

/* Pushes an array of events, at index 3. It looks at the run again for each. */
static void push_events(lua_State *L, bool is_caused)
{
  pym_geometry geometry = binding_check_run(L)->heap->geometry;
  lua_settop(L, 2);
  lua_newtable(L);
  for (size_t i = 0; i < events_of(L, is_caused)->count; i++) {
    struct event event = events_of(L, is_caused)->items[i];
    event_push(L, &event, &geometry);
    table_append(L, 3, (lua_Integer)i + 1);
  }
}

/* run.events(run): the events of the request just done, with the details. */
static int events(lua_State *L)
{
  if (binding_check_run(L)->events.is_cut)
    return luaL_error(L, "pymalloc: run:events: there was no memory for them");
  push_events(L, false);
  return 1;
}

/* {id =, size =, request =, address =, arena =, pool =, block =} */
static int push_live(lua_State *L, const struct timeline *run,
                     const struct timeline_live *live)
{
  pym_location location;
  if (live == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  struct timeline_live found = *live;
  struct request request = *timeline_request_of(run, live);
  bool is_small = pym_locate(run->heap, found.block, &location);
  lua_createtable(L, 0, 7);
  table_set_integer(L, "id", request.id);
  table_set_integer(L, "size", request.bytes);
  table_set_integer(L, "request", found.request);
  if (!is_small)
    return 1;
  table_set_integer(L, "address", (uintptr_t)found.block);
  table_set_integer(L, "arena", location.arena);
  table_set_integer(L, "pool", location.pool);
  table_set_integer(L, "block", location.offset);
  return 1;
}

/* run.find_id(run, id): its live block, or nil. */
static int find_id(lua_State *L)
{
  const struct timeline *run = binding_check_run(L);
  uint64_t id =
      (uint64_t)binding_check_integer(L, 2, "run:block: id", 1, LUA_MAXINTEGER);
  return push_live(L, run, timeline_find_id(run, id));
}

/* run.find_block(run, address): the live block that begins there, or nil. */
static int find_block(lua_State *L)
{
  const struct timeline *run = binding_check_run(L);
  const void *address = binding_check_address(L, 2, "run:where: address");
  return push_live(
      L, run,
      heap_owns(run->heap, address) ? timeline_find_block(run, address) : NULL);
}

/* run.what_if_free(run, id): the events, or nil where the id is not live. */
static int what_if_free(lua_State *L)
{
  struct timeline *run = binding_check_run(L);
  uint64_t id = (uint64_t)binding_check_integer(L, 2, "run:what_if_free: id", 1,
                                                LUA_MAXINTEGER);
  const struct timeline_live *live = timeline_find_id(run, id);
  if (live == NULL)
    return binding_fail(L, "pymalloc: run:what_if_free: the id is not live",
                        "id");
  timeline_events_close(&run->caused);
  if (!timeline_what_if_free(run, live->block, &run->caused))
    return binding_fail(L, "not enough memory", "ENOMEM");
  push_events(L, true);
  return 1;
}

/***
** run:request([number]): a request of the trace.
** @tparam[opt] integer number default: that of the request just done
** @treturn table number, op ("malloc", "calloc", "realloc", "free"), id, and
** size in bytes; nil at the beginning
** @usage run:request(2) --> { id = 2, number = 2, op = "malloc", size = 40 }
*/
int binding_run_request(lua_State *L)
{
  const struct timeline *run = binding_check_run(L);
  uint64_t number = run->at;
  if (!lua_isnoneornil(L, 2))
    number = (uint64_t)binding_check_integer(L, 2, "run:request: number", 1,
                                             (lua_Integer)timeline_length(run));
  if (number == 0) {
    luaL_pushfail(L);
    return 1;
  }
  struct request request = run->trace.items[number - 1];
  lua_createtable(L, 0, 4);
  table_set_integer(L, "number", number);
  lua_pushstring(L, trace_op_word(request.letter));
  lua_setfield(L, -2, "op");
  table_set_integer(L, "id", request.id);
  if (request.letter != TRACE_FREE)
    table_set_integer(L, "size", request.bytes);
  return 1;
}

/* heap:hash(): the state as 16 hexadecimal digits. */
static int heap_hash(lua_State *L)
{
  char digits[20];
  uint64_t value = state_hash(binding_check_heap(L, 1));
  lua_Unsigned high = value >> 32, low = value & UINT32_MAX;
  (void)snprintf(digits, sizeof digits, "%08llx%08llx", high, low);
  lua_pushstring(L, digits);
  return 1;
}

static const luaL_Reg functions[] = {
    {"events", events},         {"find_id", find_id},
    {"find_block", find_block}, {"what_if_free", what_if_free},
    {"hash", heap_hash},        {NULL, NULL}};

void binding_set_run_look(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
