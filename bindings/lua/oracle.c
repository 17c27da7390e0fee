/*
** Oracles and counts of sizes, for pymalloc/lab/oracle.lua, which checks the
** arguments of scripts.
*/
#include <math.h>
#include <string.h>

#include "argument.h"
#include "lab/oracle.h"
#include "lab/size_counts.h"
#include "loaded.h"
#include "measures.h"
#include "options.h"
#include "oracle.h"
#include "run_type.h"
#include "table.h"
#include "type.h"

/* The arguments of core.oracle, and the object and the array behind them. */
enum { LOADED = 1, WHICH, OPTIONS, SERIES, HAS_PLACES, MEASURES, PLACES };

/* An array of this many zero elements, on the stack; never NULL. */
static void *push_array(lua_State *L, size_t count, size_t element_bytes)
{
  void *array = binding_push_scratch(L, (count + 1) * element_bytes);
  memset(array, 0, (count + 1) * element_bytes);
  return array;
}

/*
** {==================================================================
** core.oracle
** ===================================================================
*/

/* The array at PLACES, which a finalizer may have replaced. */
static void check_array(lua_State *L, const void *array)
{
  if (array != NULL && lua_touserdata(L, PLACES) != array)
    luaL_error(L, "pymalloc: the result is gone");
}

static void set_placements(lua_State *L, const uint64_t *addresses,
                           size_t count)
{
  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  for (size_t i = 0; i < count; i++) {
    check_array(L, addresses);
    lua_pushinteger(L, (lua_Integer)addresses[i]);
    table_append(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "placements");
}

static void set_reach(lua_State *L, const char *name, uint32_t factor)
{
  if (factor == ORACLE_REACH_ANY)
    lua_pushnumber(L, (lua_Number)HUGE_VAL);
  else
    lua_pushinteger(L, factor);
  lua_setfield(L, -2, name);
}

static void push_result(lua_State *L, enum oracle oracle,
                        const struct oracle_result *result)
{
  binding_push_measures(L, MEASURES);
  if (oracle == ORACLE_LIFETIMES) {
    set_reach(L, "reach_pools", result->reach.pools);
    set_reach(L, "reach_arenas", result->reach.arenas);
  }
  if (result->addresses != NULL)
    set_placements(L, result->addresses, (size_t)result->measures.end.requests);
}

/* Pushes the array of addresses, if it is wanted, or nil. */
static uint64_t *push_places(lua_State *L, size_t requests)
{
  if (lua_toboolean(L, HAS_PLACES))
    return push_array(L, requests, sizeof(uint64_t));
  lua_pushnil(L);
  return NULL;
}

/***
** oracle(loaded, which, options, points, has_places): the measures of the oracle
** "bytes", "arenas", "pools" or "lifetimes" under the geometry of the options; or
** nil, a message and "ENOMEM". 'points' is the number of points of the series.
** @local
*/
static int run_oracle(lua_State *L)
{
  static const char *const names[] = {"bytes", "arenas", "pools", "lifetimes",
                                      NULL};
  pym_options options;
  const char *profile;
  struct oracle_result result = {.addresses = NULL};
  lua_settop(L, HAS_PLACES);
  size_t count = binding_check_loaded(L, LOADED)->count;
  enum oracle which = (enum oracle)luaL_checkoption(L, WHICH, NULL, names);
  size_t points = (size_t)binding_check_integer(L, SERIES, "oracle: series", 0,
                                                MEASURES_SERIES_MAX);
  binding_read_options(L, OPTIONS, &options, &profile);
  lua_settop(L, HAS_PLACES);
  binding_new_measures(L);
  result.addresses = push_places(L, count);
  check_array(L, result.addresses);
  const struct loaded_trace *loaded = binding_check_loaded(L, LOADED);
  if (loaded->count != count)
    return luaL_error(L, "pymalloc: the result is gone");
  if (!measures_open(&result.measures, points, count) ||
      !oracle_run(which, loaded, &options.geometry, &result)) {
    measures_close(&result.measures);
    return binding_fail(L, "not enough memory for the oracle", "ENOMEM");
  }
  binding_keep_measures(L, MEASURES, &result.measures);
  push_result(L, which, &result);
  return 1;
}

/* }================================================================== */

/*
** {==================================================================
** core.size_counts
** ===================================================================
*/

static void set_counts(lua_State *L, const char *name, const uint64_t *counts,
                       size_t most)
{
  lua_newtable(L);
  for (size_t size = 1; size <= most; size++)
    if (counts[size] != 0) {
      lua_pushinteger(L, (lua_Integer)counts[size]);
      table_append(L, -2, (lua_Integer)size);
    }
  lua_setfield(L, -2, name);
}

/*
** core.size_counts(loaded, most): tables requests and live, of counts by size
** from 1 to 'most' without those that are 0, and peak_request.
*/
static int count_sizes(lua_State *L)
{
  struct size_counts counts = {0};
  counts.most =
      (size_t)binding_check_integer(L, 2, "size_counts: most", 1, 1 << 20);
  counts.requests = push_array(L, counts.most, sizeof(uint64_t));
  counts.live = push_array(L, counts.most, sizeof(uint64_t));
  if (!size_counts_read(&counts, binding_check_loaded(L, 1)))
    return luaL_error(L, "pymalloc: size_counts: not enough memory");
  lua_createtable(L, 0, 3);
  set_counts(L, "requests", counts.requests, counts.most);
  set_counts(L, "live", counts.live, counts.most);
  table_set_integer(L, "peak_request", counts.peak_request);
  return 1;
}

/* }================================================================== */

static const luaL_Reg functions[] = {
    {"oracle", run_oracle}, {"size_counts", count_sizes}, {NULL, NULL}};

void binding_set_oracle(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
