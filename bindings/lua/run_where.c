/*
** The sites and marks of a run's trace, and all live blocks with their sites.
** pymalloc/run.lua and pymalloc/pins.lua make tables of them.
**
** Each text is copied before it is pushed: pushing a value may run finalizers,
** which may close the run.
*/
#include <string.h>

#include "argument.h"
#include "run_type.h"
#include "type.h"

/* A copy of a text of the trace. */
struct copied_text {
  size_t bytes;
  char text[TRACE_TEXT_MAX];
};

static struct copied_text copy_text(const struct timeline *run,
                                    const struct text_place *place)
{
  struct copied_text copied = {.bytes = place->bytes};
  assert(place->bytes <= sizeof copied.text);
  memcpy(copied.text, run->trace.texts.bytes + place->offset, place->bytes);
  return copied;
}

/* run.site(run, number): the text of a site, and its parent, 0 for none. */
static int site(lua_State *L)
{
  const struct timeline *run = binding_check_run(L);
  lua_Integer number = binding_check_integer(
      L, 2, "run: site", 1, (lua_Integer)run->trace.tree.count);
  const struct site *found = site_tree_get(&run->trace.tree, (uint32_t)number);
  uint32_t parent = found->parent;
  struct copied_text copied = copy_text(run, &found->text);
  lua_pushlstring(L, copied.text, copied.bytes);
  lua_pushinteger(L, (lua_Integer)parent);
  return 2;
}

/* run.has_sites(run): has a request of the run a site? */
static int has_sites(lua_State *L)
{
  lua_pushboolean(L, binding_check_run(L)->trace.sites != NULL);
  return 1;
}

/* run.mark(run, i): the request before mark number i, and its text; or nil. */
static int mark(lua_State *L)
{
  const struct timeline *run = binding_check_run(L);
  uint64_t number =
      (uint64_t)binding_check_integer(L, 2, "run: mark", 1, LUA_MAXINTEGER);
  if (number > run->trace.mark_count) {
    luaL_pushfail(L);
    return 1;
  }
  struct mark found = run->trace.marks[number - 1];
  struct copied_text copied = copy_text(run, &found.text);
  lua_pushinteger(L, (lua_Integer)found.after);
  lua_pushlstring(L, copied.text, copied.bytes);
  return 2;
}

/*
** run.allowance(run, i): of the operation x or o number i: the request before it,
** its operand, -1 for any number of arenas, and its letter; or nil.
*/
static int allowance(lua_State *L)
{
  const struct timeline *run = binding_check_run(L);
  uint64_t number = (uint64_t)binding_check_integer(L, 2, "run: allowance", 1,
                                                    LUA_MAXINTEGER);
  if (number > run->trace.allowance_count) {
    luaL_pushfail(L);
    return 1;
  }
  struct allowance found = run->trace.allowances[number - 1];
  lua_pushinteger(L, (lua_Integer)found.after);
  lua_pushinteger(L, found.number == SIZE_MAX ? -1 : (lua_Integer)found.number);
  lua_pushlstring(L, &(const char){(char)found.letter}, 1);
  return 3;
}

/* run.handles(run): the most ids that are live at one time. */
static int handles(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)binding_check_run(L)->trace.handle_count);
  return 1;
}

/* run.mark_count(run) */
static int mark_count(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)binding_check_run(L)->trace.mark_count);
  return 1;
}

#define FIRST_ROOM ((size_t)256) /* pools of usual sizes have no more blocks */

/* A live block in a pool, as scripts read it: seven integers of Lua. */
struct live_record {
  lua_Integer id, size, request, arena, pool, block, site;
};

static struct live_record record_of(const struct timeline *run,
                                    const struct timeline_live *live,
                                    const pym_location *location)
{
  const struct request *request = timeline_request_of(run, live);
  return (struct live_record){
      .id = (lua_Integer)loaded_trace_id(&run->trace, live->request),
      .size = (lua_Integer)request->bytes,
      .request = (lua_Integer)live->request,
      .arena = (lua_Integer)location->arena,
      .pool = (lua_Integer)location->pool,
      .block = (lua_Integer)location->offset,
      .site = (lua_Integer)loaded_trace_site(&run->trace, live->request)};
}

/*
** Copies the live blocks in a pool of an arena, or in all pools if 'pool' is
** SIZE_MAX, or of all arenas if 'arena' is SIZE_MAX, but no more than 'room'.
** Returns their number.
*/
static size_t copy_live(const struct timeline *run, size_t arena, size_t pool,
                        struct live_record *records, size_t room)
{
  size_t count = 0;
  for (size_t i = 0; i < run->trace.handle_count; i++) {
    pym_location location;
    const struct timeline_live *found = &run->live[i];
    if (found->block == NULL ||
        (arena != SIZE_MAX && arena != heap_slot_of(run->heap, found->block)) ||
        !pym_locate(run->heap, found->block, &location) ||
        (pool != SIZE_MAX && pool != location.pool))
      continue;
    if (count < room)
      records[count] = record_of(run, found, &location);
    count++;
  }
  return count;
}

/* The size at 'index', or SIZE_MAX for nil. */
static size_t optional_size(lua_State *L, int index, const char *what)
{
  return lua_isnoneornil(L, index) ? SIZE_MAX
                                   : binding_check_size(L, index, what);
}

/*
** run.live(run [, arena [, pool]]): the live blocks in pools, as a string of
** records of seven integers: id, size, request, arena, pool, block, site.
*/
static int live(lua_State *L)
{
  size_t arena = optional_size(L, 2, "run: arena");
  size_t pool = optional_size(L, 3, "run: pool");
  lua_settop(L, 3);
  for (size_t room = FIRST_ROOM;;) {
    struct live_record *records =
        binding_push_scratch(L, room * sizeof records[0]);
    size_t count = copy_live(binding_check_run(L), arena, pool, records, room);
    if (count <= room) {
      lua_pushlstring(L, (const char *)records, count * sizeof records[0]);
      return 1;
    }
    room = count;
    lua_settop(L, 3);
  }
}

/*
** run.most(run, figure): the first request after which the figure is largest:
** "live", the bytes of live blocks; "held", the bytes of arenas; or "unused", the
** bytes of arenas that are not live, from the time of "held" on.
*/
static int most(lua_State *L)
{
  static const char *const names[] = {"live", "held", "unused", NULL};
  struct timeline *run = binding_check_run(L);
  int kind = luaL_checkoption(L, 2, NULL, names);
  lua_pushinteger(L,
                  (lua_Integer)timeline_most(run, (enum timeline_figure)kind));
  return 1;
}

static const luaL_Reg functions[] = {{"site", site},
                                     {"has_sites", has_sites},
                                     {"mark", mark},
                                     {"mark_count", mark_count},
                                     {"allowance", allowance},
                                     {"handles", handles},
                                     {"live", live},
                                     {"most", most},
                                     {NULL, NULL}};

void binding_set_run_where(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
