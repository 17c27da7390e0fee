/*
** Measures of a heap on a loaded trace for scripts: trace.measure and
** trace.measure_cost, of which pymalloc/experiment/exact.lua makes results.
**
** No function of the script runs while a trace is measured, so the trace stays
** open.
*/
#include "measure.h"

#include "argument.h"
#include "loaded.h"
#include "measures.h"
#include "options.h"
#include "run_type.h"
#include "table.h"
#include "trace/measure.h"
#include "trace/measure_cost.h"

/* The arguments of measure, and the object behind them. */
enum { LOADED = 1, OPTIONS, SERIES, RESULT };

/***
** trace.measure(loaded, options, series): the measures of a heap with these
** options, and a series of this many points, if it is not 0; or nil, a message
** and "ENOMEM".
** @local
*/
static int measure(lua_State *L)
{
  pym_options options;
  const char *profile;
  struct measures found;
  lua_settop(L, SERIES);
  size_t series_count = (size_t)binding_check_integer(
      L, SERIES, "trace.measure: series", 0, MEASURES_SERIES_MAX);
  binding_read_options(L, OPTIONS, &options, &profile);
  lua_settop(L, SERIES);
  binding_new_measures(L);
  const struct loaded_trace *loaded = binding_check_loaded(L, LOADED);
  if (!measure_trace(loaded, &options, series_count, &found)) {
    measures_close(&found);
    return binding_fail(L, "not enough memory to measure the trace", "ENOMEM");
  }
  binding_keep_measures(L, RESULT, &found);
  binding_push_measures(L, RESULT);
  return 1;
}

/***
** trace.measure_cost(loaded, options): seconds, instructions and page_faults
** (each nil where the system does not count them); or nil, a message and
** "ENOMEM".
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
  table_set_number(L, "seconds", cost.seconds);
  if (cost.has_page_faults)
    table_set_integer(L, "page_faults", cost.page_faults);
  if (cost.has_instructions)
    table_set_integer(L, "instructions", cost.instructions);
  return 1;
}

void binding_set_measure(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"measure", measure}, {"measure_cost", measure_cost_of}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
