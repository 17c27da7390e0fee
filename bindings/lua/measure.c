/*
** Measures of a heap on a loaded trace for scripts: trace.measure and
** trace.measure_cost, of which pymalloc/experiment/exact.lua makes results.
**
** No function of the script runs while a trace is measured, so the trace stays
** open. Tables are made of a copy of the results, which an object frees.
*/
#include "measure.h"

#include "argument.h"
#include "loaded.h"
#include "options.h"
#include "run_type.h"
#include "table.h"
#include "trace/measure.h"
#include "trace/measure_cost.h"
#include "type.h"

#define SERIES_MAX 1000000

/* The arguments of measure, and the object behind them. */
enum { LOADED = 1, OPTIONS, SERIES, OBJECT };

struct measurement_object {
  uint64_t magic;
  struct measurement found;
};

static const struct binding_type measurement_type = {
    "pymalloc.Measurement", UINT64_C(0x3f7c19a8e264d05b),
    sizeof(struct measurement_object)};

static int measurement_gc(lua_State *L)
{
  struct measurement_object *object = binding_test(L, 1, &measurement_type);
  if (object != NULL)
    measurement_close(&object->found);
  return 0;
}

/* The measurement that still is on the stack, with so many points. */
static struct measurement *check_found(lua_State *L, size_t series_count)
{
  struct measurement_object *object =
      binding_check(L, OBJECT, &measurement_type);
  if (object->found.series_count < series_count)
    luaL_error(L, "pymalloc: the result is gone");
  return &object->found;
}

/*
** {==================================================================
** Tables
** ===================================================================
*/

static void set_number(lua_State *L, const char *name, double value)
{
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

static void set_held(lua_State *L, const struct measurement *found)
{
  table_set_integer(L, "held_peak", found->peak.held);
  set_number(L, "held_mean", found->held_mean);
  table_set_integer(L, "held_end", found->end.held);
  table_set_integer(L, "live_peak", found->peak.live);
  set_number(L, "live_mean", found->live_mean);
  table_set_integer(L, "live_end", found->end.live);
  table_set_integer(L, "live_most", found->replayed.peak_live_small_bytes);
  table_set_integer(L, "waste_rounding", found->rounding);
  table_set_integer(L, "waste_headers", found->headers);
  table_set_integer(L, "waste_free", found->free);
  table_set_integer(L, "waste_unused", found->unused);
}

static void set_total(lua_State *L, const struct measurement *found)
{
  table_set_integer(L, "total_peak", found->total_peak.total);
  set_number(L, "total_mean", found->total_mean);
  table_set_integer(L, "total_end", found->end.total);
  table_set_integer(L, "total_live_peak", found->total_peak.total_live);
  set_number(L, "total_live_mean", found->total_live_mean);
  table_set_integer(L, "total_live_end", found->end.total_live);
}

static void set_counts(lua_State *L, const struct measurement *found)
{
  table_set_integer(L, "requests", found->replayed.requests);
  table_set_integer(L, "small_requests", found->replayed.small);
  table_set_integer(L, "raw_requests", found->replayed.raw);
  table_set_integer(L, "arenas_highwater", found->stats.arenas_highwater);
  table_set_integer(L, "arenas_obtained", found->stats.arenas_allocated_total);
  table_set_integer(L, "arenas_released", found->stats.arenas_reclaimed);
  table_set_integer(L, "system_calls", found->page_calls);
  table_set_integer(L, "touched_pages", found->touched_pages);
}

/* A curve of the series, and the field of each point that it shows. */
static const struct curve {
  const char *name;
  size_t place;
} curves[] = {{"requests", offsetof(struct measure_point, requests)},
              {"held", offsetof(struct measure_point, held)},
              {"live", offsetof(struct measure_point, live)},
              {"total", offsetof(struct measure_point, total)},
              {"total_live", offsetof(struct measure_point, total_live)}};

static void set_curve(lua_State *L, const struct curve *curve, size_t count)
{
  int array = lua_gettop(L) + 1;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    const struct measure_point *point = &check_found(L, count)->series[i];
    const char *value = (const char *)point + curve->place;
    lua_pushinteger(L, *(const lua_Integer *)(const void *)value);
    table_append(L, array, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, curve->name);
}

static void set_series(lua_State *L, size_t count)
{
  lua_newtable(L);
  for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
    set_curve(L, &curves[i], count);
  lua_setfield(L, -2, "series");
}

/* }================================================================== */

/***
** trace.measure(loaded, options, series): the measures of a heap with these
** options, and a series of so many points, if it is not 0; or nil, a message
** and "ENOMEM".
** @local
*/
static int measure(lua_State *L)
{
  pym_options options;
  const char *profile;
  lua_settop(L, SERIES);
  size_t series_count = (size_t)binding_check_integer(
      L, SERIES, "trace.measure: series", 0, SERIES_MAX);
  binding_read_options(L, OPTIONS, &options, &profile);
  lua_settop(L, SERIES);
  (void)binding_new(L, &measurement_type);
  const struct loaded_trace *loaded = binding_check_loaded(L, LOADED);
  struct measurement *found = check_found(L, 0);
  measurement_close(found);
  if (!measure_trace(loaded, &options, series_count, found))
    return binding_fail(L, "not enough memory to measure the trace", "ENOMEM");
  struct measurement copy = *found;
  lua_createtable(L, 0, 32);
  set_held(L, &copy);
  set_total(L, &copy);
  set_counts(L, &copy);
  if (series_count > 0)
    set_series(L, copy.series_count);
  return 1;
}

/***
** trace.measure_cost(loaded, options): seconds, instructions (nil where the
** system does not count them) and page_faults; or nil, a message and "ENOMEM".
** @local
*/
static int measure_cost_of(lua_State *L)
{
  pym_options options;
  const char *profile;
  struct measure_cost cost;
  lua_settop(L, OPTIONS);
  binding_read_options(L, OPTIONS, &options, &profile);
  lua_settop(L, OPTIONS);
  if (!measure_cost(binding_check_loaded(L, LOADED), &options, &cost))
    return binding_fail(L, "not enough memory to measure the trace", "ENOMEM");
  lua_createtable(L, 0, 3);
  set_number(L, "seconds", cost.seconds);
  table_set_integer(L, "page_faults", cost.page_faults);
  if (cost.has_instructions)
    table_set_integer(L, "instructions", cost.instructions);
  return 1;
}

void binding_set_measure(lua_State *L)
{
  static const luaL_Reg metamethods[] = {{"__gc", measurement_gc},
                                         {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"measure", measure}, {"measure_cost", measure_cost_of}, {NULL, NULL}};
  binding_new_type(L, &measurement_type, metamethods);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
