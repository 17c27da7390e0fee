/*
** The module pymalloc_faults.replay: functions of replays and timelines that
** the Lua module does not have.
*/
#include "state/heap.h"
#include "base/idmap.h"
#include "report/state_hash.h"
#include "timeline/timeline.h"
#include "trace/replay.h"

#include <lauxlib.h>
#include <lua.h>

#define IDMAP "pymalloc.spec.Idmap"

PYM_API int luaopen_pymalloc_faults_replay(lua_State *L);

/*
** {==================================================================
** The table of live ids
** ===================================================================
*/

static struct idmap *check_map(lua_State *L)
{
  return luaL_checkudata(L, 1, IDMAP);
}

static uint64_t check_id(lua_State *L)
{
  return (uint64_t)luaL_checkinteger(L, 2);
}

static int map_new(lua_State *L)
{
  struct idmap *map = lua_newuserdatauv(L, sizeof *map, 0);
  if (!idmap_open(map))
    return luaL_error(L, "not enough memory");
  luaL_setmetatable(L, IDMAP);
  return 1;
}

static int map_gc(lua_State *L)
{
  idmap_close(check_map(L));
  return 0;
}

/* map:add(id, bytes) */
static int map_add(lua_State *L)
{
  struct idmap *map = check_map(L);
  size_t bytes = (size_t)luaL_checkinteger(L, 3);
  lua_pushboolean(L, idmap_add(map, check_id(L), map, bytes));
  return 1;
}

/* map:find(id): the bytes of the id, or nil */
static int map_find(lua_State *L)
{
  const struct idmap_entry *entry = idmap_find(check_map(L), check_id(L));
  if (entry == NULL)
    return 0;
  lua_pushinteger(L, (lua_Integer)entry->bytes);
  return 1;
}

/* map:remove(id): the id must be in the map */
static int map_remove(lua_State *L)
{
  struct idmap *map = check_map(L);
  struct idmap_entry *entry = idmap_find(map, check_id(L));
  if (entry == NULL)
    return luaL_error(L, "no such id");
  idmap_remove(map, entry);
  return 0;
}

/* map:size(): the number of ids, and the capacity of the table */
static int map_size(lua_State *L)
{
  const struct idmap *map = check_map(L);
  lua_pushinteger(L, (lua_Integer)map->table.count);
  lua_pushinteger(L, (lua_Integer)map->table.capacity);
  return 2;
}

static const luaL_Reg map_methods[] = {
    {"add", map_add},   {"find", map_find}, {"remove", map_remove},
    {"size", map_size}, {"__gc", map_gc},   {NULL, NULL}};

/* }================================================================== */

/*
** replay_damaged(text, requests): runs that many requests of the trace, breaks
** [arenas.counters] and runs the rest. Returns whether a check failed, its line
** and its message.
*/
static int replay_damaged(lua_State *L)
{
  size_t bytes;
  const char *text = luaL_checklstring(L, 1, &bytes);
  uint64_t request_count = (uint64_t)luaL_checkinteger(L, 2);
  const struct replay_options options = {.write = NULL};
  struct trace *trace = trace_open_text(text, bytes, "text");
  pym_heap *heap = pym_heap_new(NULL);
  struct replay *replay = replay_open(trace, heap, &options);
  replay_run(replay, request_count);
  heap->narenas_highwater = 0;
  enum replay_status status = replay_run(replay, UINT64_MAX);
  const struct replay_error error = *replay_error(replay);
  replay_close(replay);
  trace_close(trace);
  pym_heap_delete(heap);
  lua_pushboolean(L, status == REPLAY_CHECK);
  lua_pushinteger(L, (lua_Integer)error.line);
  lua_pushstring(L, error.text);
  return 3;
}

/*
** thinned(text, bytes): runs a trace on a timeline whose checkpoints may take
** 'bytes', to its end and back to its middle. Returns the number of
** checkpoints, their distance, whether the state in the middle is the same as
** on the way forward, and the distance from the middle back to the checkpoint
** from which a seek to it starts.
*/
static int thinned(lua_State *L)
{
  size_t bytes;
  char why[TIMELINE_ERROR_BYTES];
  const char *text = luaL_checklstring(L, 1, &bytes);
  size_t bytes_max = (size_t)luaL_checkinteger(L, 2);
  pym_options options = pym_options_default();
  struct trace *trace = trace_open_text(text, bytes, "text");
  struct timeline *timeline =
      timeline_open(trace, 0, &options, why, sizeof why);
  trace_close(trace);
  if (timeline == NULL)
    return luaL_error(L, "%s", why);
  timeline->checkpoint_bytes_max = bytes_max;
  uint64_t middle = timeline_length(timeline) / 2;
  (void)timeline_seek(timeline, middle);
  uint64_t hash = state_hash(timeline->heap);
  (void)timeline_seek(timeline, timeline_length(timeline));
  (void)timeline_seek(timeline, middle);
  lua_pushinteger(L, (lua_Integer)timeline->checkpoint_count);
  lua_pushinteger(L, (lua_Integer)timeline->interval);
  lua_pushboolean(L, state_hash(timeline->heap) == hash);
  lua_pushinteger(
      L, (lua_Integer)(middle - timeline_checkpoint_before(timeline, middle)));
  timeline_close(timeline);
  return 4;
}

static const luaL_Reg functions[] = {{"idmap", map_new},
                                     {"replay_damaged", replay_damaged},
                                     {"thinned", thinned},
                                     {NULL, NULL}};

int luaopen_pymalloc_faults_replay(lua_State *L)
{
  luaL_newmetatable(L, IDMAP);
  luaL_setfuncs(L, map_methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
