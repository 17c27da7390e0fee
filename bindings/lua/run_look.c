/*
** Reads a run at its present request: the request, its events, the live blocks,
** and the events that a free would cause.
**
** Events are copied first, and their tables are made afterwards: making a table
** may run finalizers, which may move the run.
*/
#include <stdio.h>

#include "argument.h"
#include "heap.h"
#include "table.h"
#include "report/state_hash.h"
#include "event_table.h"
#include "run_type.h"

#define FIRST_ROOM ((size_t)16)

/* Where the copies of events and the array are on the stack. */
enum { COPIES = 3, ARRAY };

/* Pushes memory for the copies of this many events. */
static struct event *push_room(lua_State *L, size_t room)
{
  lua_settop(L, COPIES - 1);
  return binding_push_scratch(L, room * sizeof(struct event));
}

/* Copies the events, if there are no more than 'room'. Returns their number. */
static size_t copy_events(const struct timeline_events *events,
                          struct event *copies, size_t room)
{
  for (size_t i = 0; i < events->count && events->count <= room; i++)
    copies[i] = events->items[i];
  return events->count;
}

/* Pushes an array of the events that were copied. */
static int push_events(lua_State *L, const struct event *copies, size_t count,
                       pym_geometry geometry)
{
  lua_newtable(L);
  for (size_t i = 0; i < count; i++) {
    if (lua_touserdata(L, COPIES) != copies)
      return luaL_error(L, "pymalloc: the result is gone");
    struct event event = copies[i];
    event_push(L, &event, &geometry);
    table_append(L, ARRAY, (lua_Integer)i + 1);
  }
  return 1;
}

/* run.events(run): the events of the request just done, with the details. */
static int events(lua_State *L)
{
  for (size_t room = FIRST_ROOM;;) {
    struct event *copies = push_room(L, room);
    const struct timeline *run = binding_check_run(L);
    if (run->events.is_cut)
      return luaL_error(L,
                        "pymalloc: run:events: there was no memory for them");
    size_t count = copy_events(&run->events, copies, room);
    if (count <= room)
      return push_events(L, copies, count, run->heap->geometry);
    room = count;
  }
}

/* {id =, size =, request =, site =, address =, arena =, pool =, block =} */
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
  uint32_t site = loaded_trace_site(&run->trace, found.request);
  bool is_small = pym_locate(run->heap, found.block, &location);
  lua_createtable(L, 0, 9);
  table_set_integer(L, "id", loaded_trace_id(&run->trace, found.request));
  table_set_integer(L, "size", request.bytes);
  table_set_integer(L, "request", found.request);
  if (site != 0)
    table_set_integer(L, "site", site);
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
  uint64_t id = (uint64_t)binding_check_integer(L, 2, "run:block: id",
                                                LUA_MININTEGER, LUA_MAXINTEGER);
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

/*
** Copies the events that a free of the block would cause, as copy_events does.
** SIZE_MAX: there is no memory.
*/
static size_t copy_caused(struct timeline *run, void *freed,
                          struct event *copies, size_t room)
{
  struct timeline_events caused;
  bool is_known = timeline_what_if_free(run, freed, &caused);
  size_t count = copy_events(&caused, copies, room);
  timeline_events_close(&caused);
  return is_known ? count : SIZE_MAX;
}

/* run.what_if_free(run, id): the events, or nil where the id is not live. */
static int what_if_free(lua_State *L)
{
  (void)binding_check_run(L);
  uint64_t id = (uint64_t)binding_check_integer(L, 2, "run:what_if_free: id",
                                                LUA_MININTEGER, LUA_MAXINTEGER);
  for (size_t room = FIRST_ROOM;;) {
    struct event *copies = push_room(L, room);
    struct timeline *run = binding_check_run(L);
    const struct timeline_live *live = timeline_find_id(run, id);
    if (live == NULL)
      return binding_fail(L, "pymalloc: run:what_if_free: the id is not live",
                          "id");
    size_t count = copy_caused(run, live->block, copies, room);
    if (count == SIZE_MAX)
      return binding_fail(L, "not enough memory", "ENOMEM");
    if (count <= room)
      return push_events(L, copies, count, run->heap->geometry);
    room = count;
  }
}

/* run.request(run [, number]): {number =, op =, id =, size =, site =}, or nil. */
static int run_request(lua_State *L)
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
  uint32_t site = loaded_trace_site(&run->trace, number);
  lua_createtable(L, 0, 6);
  table_set_integer(L, "number", number);
  lua_pushstring(L, trace_op_word(request.letter));
  lua_setfield(L, -2, "op");
  table_set_integer(L, "id", loaded_trace_id(&run->trace, number));
  if (request.letter != TRACE_FREE)
    table_set_integer(L, "size", request.bytes);
  if (site != 0)
    table_set_integer(L, "site", site);
  return 1;
}

/* Pushes a hash as 16 hexadecimal digits. */
static int push_hash(lua_State *L, uint64_t value)
{
  char digits[20];
  lua_Unsigned high = value >> 32, low = value & UINT32_MAX;
  (void)snprintf(digits, sizeof digits, "%08llx%08llx", high, low);
  lua_pushstring(L, digits);
  return 1;
}

/* heap:hash(): the state. */
static int heap_hash(lua_State *L)
{
  return push_hash(L, state_hash(binding_check_heap(L, 1)));
}

/* run.digest(run): the places of all blocks. */
static int run_digest(lua_State *L)
{
  return push_hash(L, timeline_digest(binding_check_run(L)));
}

static const luaL_Reg functions[] = {
    {"events", events},         {"find_id", find_id},
    {"find_block", find_block}, {"what_if_free", what_if_free},
    {"hash", heap_hash},        {"digest", run_digest},
    {"request", run_request},   {NULL, NULL}};

void binding_set_run_look(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
