/*
** The Lua module pymalloc_faults, which only specs use. It makes heaps on a
** ledger, which lets calls for memory fail, and it damages heaps on purpose.
**
**   ledger = faults.ledger()
**   ledger:heap{ profile = "classroom", retain_bytes = 0 }
**   ledger:fail("raw", n [, lasts])    the n-th call from now fails
**   ledger:limit_reserve(bytes)        larger reservations are refused
**   ledger:accounts()                  calls, and the outstanding memory
**
**   faults.heap_field(heap, name [, value])
**   faults.arena_field(heap, slot, name [, value])
**   faults.pool_field(heap, address, name [, value])   return the old value
**   faults.ring(heap, szidx)           address of a ring's header
**   faults.arena_object(heap, slot)    address of an arena object
**   faults.last_arena(heap, nfreepools [, address])    of nfp2lasta
**   faults.block_link(heap, address [, value])
**
**   faults.geometry_check(fields)      true, or false and the reason
**   faults.invariants()                the names of all invariants
**   faults.state()                     a Lua state with short memory
**   faults.walk(heap [, most])         a line for each object of a walk
**   faults.walked(heap)                its arenas and its pools, as tables
**   faults.usable_size(heap, address)  pym_usable_size
**   faults.malloc(heap, bytes)         an address, or nil
**   faults.calloc(heap, count, bytes)
**   faults.free_sized(heap, address, bytes)
**   faults.free_all(heap, addresses)
**   faults.map_nodes(heap, base, count) the nodes of the arena map of a region
**   faults.trim(heap, bytes)           the bytes that region_trim gave
**   faults.lua_alloc(heap, address, old_bytes, new_bytes)
*/
#include "faults.h"
#include "ledger.h"

#define LEDGER "pymalloc.faults.Ledger"

PYM_API int luaopen_pymalloc_faults(lua_State *L);

/*
** {==================================================================
** Options
** ===================================================================
*/

const struct binding_door *faults_door(lua_State *L)
{
  lua_getfield(L, LUA_REGISTRYINDEX, BINDING_DOOR);
  const struct binding_door *found = lua_touserdata(L, -1);
  if (found == NULL)
    luaL_error(L, "pymalloc_faults: pymalloc has to be loaded first");
  lua_pop(L, 1);
  return found;
}

static void read_size(lua_State *L, const char *name, size_t *value)
{
  if (lua_getfield(L, 2, name) != LUA_TNIL)
    *value = (size_t)luaL_checkinteger(L, -1);
  lua_pop(L, 1);
}

static void read_release(lua_State *L, pym_geometry *geometry)
{
  static const char *const names[] = {"at_once", "keep_last", "never", NULL};
  if (lua_getfield(L, 2, "release") != LUA_TNIL)
    geometry->release = (pym_release)luaL_checkoption(L, -1, NULL, names);
  lua_pop(L, 1);
}

/* The profile that the options name, or "3.6". Its name stays on the stack. */
static const pym_profile *read_profile(lua_State *L)
{
  lua_getfield(L, 2, "profile");
  const char *name = luaL_optstring(L, -1, "3.6");
  const pym_profile *profile = pym_profile_find(name);
  if (profile == NULL)
    luaL_error(L, "pymalloc_faults: no profile '%s'", name);
  return profile;
}

/* Reads 'debug', which is "3.6" or "3.8", and 'checked'. */
static void read_debug(lua_State *L, pym_options *options)
{
  static const char *const versions[] = {"off", "3.6", "3.8", NULL};
  lua_getfield(L, 2, "debug");
  options->debug = (pym_debug)luaL_checkoption(L, -1, "off", versions);
  lua_getfield(L, 2, "checked");
  options->checked = lua_toboolean(L, -1);
  lua_pop(L, 2);
}

static void read_options(lua_State *L, pym_options *options)
{
  pym_geometry *geometry = &options->geometry;
  read_size(L, "alignment", &geometry->alignment);
  read_size(L, "threshold", &geometry->threshold);
  read_size(L, "pool_bytes", &geometry->pool_bytes);
  read_size(L, "arena_bytes", &geometry->arena_bytes);
  read_size(L, "arena_offset", &geometry->arena_offset);
  read_release(L, geometry);
  read_debug(L, options);
  read_size(L, "quarantine", &options->quarantine);
  read_size(L, "max_bytes", &options->max_bytes);
  read_size(L, "max_arenas", &options->max_arenas);
  read_size(L, "reserve_bytes", &options->reserve_bytes);
  read_size(L, "retain_bytes", &options->retain_bytes);
  read_size(L, "page_bytes", &options->pages.page_bytes);
  read_size(L, "cache_bytes", &options->cache_bytes);
  read_size(L, "cache_blocks", &options->cache_blocks);
  lua_getfield(L, 2, "medium");
  options->medium = lua_toboolean(L, -1);
  lua_pop(L, 1);
  lua_getfield(L, 2, "count_hops");
  options->count_hops = lua_toboolean(L, -1);
  lua_pop(L, 1);
}

/* }================================================================== */

pym_heap *faults_check_heap(lua_State *L)
{
  return faults_door(L)->check_heap(L, 1);
}

/*
** {==================================================================
** Ledgers
** ===================================================================
*/

/* The ledger is never collected, because its heaps may live longer. */
static int new_ledger(lua_State *L)
{
  struct ledger *ledger = lua_newuserdatauv(L, sizeof *ledger, 0);
  ledger_open(ledger);
  luaL_setmetatable(L, LEDGER);
  lua_pushvalue(L, -1);
  (void)luaL_ref(L, LUA_REGISTRYINDEX);
  return 1;
}

/* Returns a heap, or nil and the reason, as pymalloc.heap does. */
static int ledger_heap(lua_State *L)
{
  struct ledger *ledger = luaL_checkudata(L, 1, LEDGER);
  pym_options options = pym_options_default();
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  const pym_profile *profile = read_profile(L);
  options.geometry = profile->geometry;
  read_options(L, &options);
  ledger_stand_below(ledger, &options);
  return faults_door(L)->push_heap(L, &options, profile->name);
}

static int ledger_fail(lua_State *L)
{
#define X(name) #name,
  static const char *const kinds[] = {LEDGER_KINDS(X) NULL};
#undef X
  struct ledger *ledger = luaL_checkudata(L, 1, LEDGER);
  int kind = luaL_checkoption(L, 2, NULL, kinds);
  ledger->accounts[kind].countdown = (size_t)luaL_checkinteger(L, 3);
  ledger->accounts[kind].lasts = lua_toboolean(L, 4);
  return 0;
}

static int ledger_limit_reserve(lua_State *L)
{
  struct ledger *ledger = luaL_checkudata(L, 1, LEDGER);
  ledger->reserve_limit = (size_t)luaL_checkinteger(L, 2);
  return 0;
}

static void set_count(lua_State *L, const char *kind, const char *what,
                      size_t value)
{
  lua_pushfstring(L, "%s_%s", kind, what);
  lua_pushinteger(L, (lua_Integer)value);
  lua_rawset(L, -3);
}

/* Returns a table with raw_calls, raw_count, raw_bytes, reserve_calls, ... */
static int ledger_accounts(lua_State *L)
{
  const struct ledger *ledger = luaL_checkudata(L, 1, LEDGER);
  lua_newtable(L);
#define X(name)                                                        \
  set_count(L, #name, "calls", ledger->accounts[LEDGER_##name].calls); \
  set_count(L, #name, "count", ledger->accounts[LEDGER_##name].count); \
  set_count(L, #name, "bytes", ledger->accounts[LEDGER_##name].bytes);
  LEDGER_KINDS(X)
#undef X
  set_count(L, "decommit", "calls", ledger->decommit_calls);
  set_count(L, "large", "begins", ledger->large_begins);
  set_count(L, "large", "ends", ledger->large_ends);
  set_count(L, "large", "offset", ledger->large_offset);
  set_count(L, "large", "end_bytes", ledger->large_end_bytes);
  return 1;
}

/* }================================================================== */

static const luaL_Reg ledger_functions[] = {{"ledger", new_ledger},
                                            {NULL, NULL}};

static const luaL_Reg ledger_methods[] = {
    {"heap", ledger_heap},
    {"fail", ledger_fail},
    {"limit_reserve", ledger_limit_reserve},
    {"accounts", ledger_accounts},
    {NULL, NULL}};

PYM_API int luaopen_pymalloc_faults(lua_State *L)
{
  faults_open_states(L);
  luaL_newmetatable(L, LEDGER);
  luaL_newlib(L, ledger_methods);
  lua_setfield(L, -2, "__index");
  lua_newtable(L);
  luaL_setfuncs(L, ledger_functions, 0);
  luaL_setfuncs(L, faults_damage, 0);
  luaL_setfuncs(L, faults_probes, 0);
  luaL_setfuncs(L, faults_states, 0);
  return 1;
}
