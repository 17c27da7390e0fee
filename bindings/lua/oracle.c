/*
** Oracles and counts of sizes, for pymalloc/lab/oracle.lua, which checks the
** arguments of scripts.
*/
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "argument.h"
#include "lab/oracle.h"
#include "lab/size_counts.h"
#include "loaded.h"
#include "options.h"
#include "oracle.h"
#include "table.h"
#include "type.h"

/* The arguments of core.oracle, and the arrays behind them. */
enum { LOADED = 1, WHICH, OPTIONS, SERIES, HAS_PLACES, POINTS, PLACES };

/* An array of so many zero elements, on the stack; never NULL. */
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

static void set_bytes(lua_State *L, const struct account *account)
{
  const struct moment *peak = &account->peak;
  table_set_integer(L, "held_peak", peak->held);
  table_set_integer(L, "held_end", account->last.held);
  table_set_integer(L, "live_peak", peak->live);
  table_set_integer(L, "live_end", account->last.live);
  table_set_integer(L, "live_most", account->live_most);
  table_set_integer(L, "total_peak", account->total_peak);
  table_set_integer(L, "total_live_peak", account->total_live_peak);
  table_set_integer(L, "total_end",
                    account->last.held +
                        (account->last.all_live - account->last.live));
  table_set_integer(L, "total_live_end", account->last.all_live);
  table_set_integer(L, "waste_rounding", peak->waste.rounding);
  table_set_integer(L, "waste_headers", peak->waste.headers);
  table_set_integer(L, "waste_free", peak->waste.free);
  table_set_integer(L, "waste_unused", peak->waste.unused);
}

static void set_mean(lua_State *L, const char *name, double sum,
                     uint64_t requests)
{
  lua_pushnumber(L, requests == 0 ? 0 : sum / (double)requests);
  lua_setfield(L, -2, name);
}

static void set_percent(lua_State *L, const char *name, double part,
                        double whole)
{
  if (!(whole > 0))
    return;
  lua_pushnumber(L, 100 * part / whole);
  lua_setfield(L, -2, name);
}

static void set_account(lua_State *L, const struct account *account)
{
  table_set_integer(L, "requests", account->requests);
  table_set_integer(L, "small_requests", account->requests_small);
  table_set_integer(L, "raw_requests", account->requests_raw);
  set_bytes(L, account);
  set_mean(L, "held_mean", account->held_sum, account->requests);
  set_mean(L, "live_mean", account->live_sum, account->requests);
  set_mean(L, "total_mean", account->total_sum, account->requests);
  set_mean(L, "total_live_mean", account->all_live_sum, account->requests);
  set_percent(L, "utilisation_peak", (double)account->peak.live,
              (double)account->peak.held);
  set_percent(L, "utilisation_mean", account->live_sum, account->held_sum);
}

/* The array at POINTS or PLACES, which a finalizer may have replaced. */
static void check_array(lua_State *L, int index, const void *array)
{
  if (array != NULL && lua_touserdata(L, index) != array)
    luaL_error(L, "pymalloc: the result is gone");
}

/* A curve, and the field of each point that it shows. */
static const struct curve {
  const char *name;
  size_t offset;
} curves[] = {{"requests", offsetof(struct curve_point, request)},
              {"held", offsetof(struct curve_point, held)},
              {"live", offsetof(struct curve_point, live)},
              {"total", offsetof(struct curve_point, total)},
              {"total_live", offsetof(struct curve_point, total_live)}};

static void set_curve(lua_State *L, const struct curve *curve,
                      const struct account *account)
{
  lua_createtable(L, (int)account->point_count, 0);
  for (size_t i = 0; i < account->point_count; i++) {
    uint64_t value;
    check_array(L, POINTS, account->points);
    memcpy(&value, (const char *)&account->points[i] + curve->offset,
           sizeof value);
    lua_pushinteger(L, (lua_Integer)value);
    table_append(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, curve->name);
}

static void set_series(lua_State *L, const struct account *account)
{
  lua_newtable(L);
  for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
    set_curve(L, &curves[i], account);
  lua_setfield(L, -2, "series");
}

static void set_placements(lua_State *L, const uint64_t *addresses,
                           size_t count)
{
  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  for (size_t i = 0; i < count; i++) {
    check_array(L, PLACES, addresses);
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
  lua_createtable(L, 0, 32);
  set_account(L, &result->account);
  if (result->has_arenas) {
    table_set_integer(L, "arenas_highwater", result->arenas_highwater);
    table_set_integer(L, "arenas_obtained", result->arenas_obtained);
    table_set_integer(L, "arenas_released", result->arenas_released);
  }
  if (oracle == ORACLE_LIFETIMES) {
    set_reach(L, "reach_pools", result->reach.pools);
    set_reach(L, "reach_arenas", result->reach.arenas);
  }
  if (result->account.points != NULL)
    set_series(L, &result->account);
  if (result->addresses != NULL)
    set_placements(L, result->addresses, result->account.requests);
}

/* Pushes the arrays that the result needs, or nil, at POINTS and PLACES. */
static void push_arrays(lua_State *L, size_t points, size_t requests,
                        struct oracle_result *result)
{
  struct account *account = &result->account;
  account->points_wanted = points < requests ? points : requests;
  if (points == 0)
    lua_pushnil(L);
  else
    account->points =
        push_array(L, account->points_wanted, sizeof(struct curve_point));
  if (!lua_toboolean(L, HAS_PLACES))
    lua_pushnil(L);
  else
    result->addresses = push_array(L, requests, sizeof(uint64_t));
  check_array(L, POINTS, result->account.points);
  check_array(L, PLACES, result->addresses);
}

/*
** core.oracle(loaded, which, options, points, has_places): the result of the
** oracle "bytes", "arenas", "pools" or "lifetimes" under the geometry of the
** options. 'points' is the number of points of the curves, or 0.
*/
static int run_oracle(lua_State *L)
{
  static const char *const names[] = {"bytes", "arenas", "pools", "lifetimes",
                                      NULL};
  pym_options options;
  const char *profile;
  struct oracle_result result = {0};
  lua_settop(L, HAS_PLACES);
  size_t count = binding_check_loaded(L, LOADED)->count;
  enum oracle which = (enum oracle)luaL_checkoption(L, WHICH, NULL, names);
  size_t points = binding_check_size(L, SERIES, "oracle: series");
  binding_read_options(L, OPTIONS, &options, &profile);
  lua_settop(L, HAS_PLACES);
  push_arrays(L, points, count, &result);
  const struct loaded_trace *loaded = binding_check_loaded(L, LOADED);
  if (loaded->count != count)
    return luaL_error(L, "pymalloc: the result is gone");
  if (!oracle_run(which, loaded, &options.geometry, &result))
    return luaL_error(L, "pymalloc: oracle: not enough memory");
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
