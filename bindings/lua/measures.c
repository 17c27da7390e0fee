#include "measures.h"

#include "table.h"
#include "type.h"

struct measures_object {
  uint64_t magic;
  struct measures measures;
};

static const struct binding_type measures_type = {
    "pymalloc.Measures", UINT64_C(0x3f7c19a8e264d05b),
    sizeof(struct measures_object)};

static int measures_gc(lua_State *L)
{
  struct measures_object *object = binding_test(L, 1, &measures_type);
  if (object != NULL)
    measures_close(&object->measures);
  return 0;
}

void binding_open_measures_type(lua_State *L)
{
  static const luaL_Reg metamethods[] = {{"__gc", measures_gc}, {NULL, NULL}};
  binding_new_type(L, &measures_type, metamethods);
  lua_pop(L, 1);
}

void binding_new_measures(lua_State *L)
{
  (void)binding_new(L, &measures_type);
}

void binding_keep_measures(lua_State *L, int index, struct measures *measures)
{
  struct measures_object *object = binding_test(L, index, &measures_type);
  if (object == NULL) {
    measures_close(measures);
    luaL_error(L, "pymalloc: the result is gone");
    return;
  }
  measures_close(&object->measures);
  object->measures = *measures;
}

/*
** {==================================================================
** Tables
** ===================================================================
*/

/* The measures that still are on the stack, with this many points. */
static const struct measures *check_measures(lua_State *L, int index,
                                             size_t points)
{
  const struct measures_object *object =
      binding_check(L, index, &measures_type);
  if (object->measures.series_done < points)
    luaL_error(L, "pymalloc: the result is gone");
  return &object->measures;
}

/* Sets a share in per cent, if there is a whole. */
static void set_percent(lua_State *L, const char *name, double part,
                        double whole)
{
  if (whole > 0)
    table_set_number(L, name, 100 * part / whole);
}

static void set_held(lua_State *L, const struct measures *found)
{
  double held = measures_mean(found, &found->held_sum, NULL);
  double live = measures_mean(found, &found->live_sum, NULL);
  table_set_integer(L, "held_peak", found->peak.held);
  table_set_integer(L, "held_end", found->end.held);
  table_set_integer(L, "live_peak", found->peak.live);
  table_set_integer(L, "live_end", found->end.live);
  table_set_integer(L, "live_most", found->live_most);
  table_set_number(L, "held_mean", held);
  table_set_number(L, "live_mean", live);
  set_percent(L, "utilisation_peak", (double)found->peak.live,
              (double)found->peak.held);
  set_percent(L, "utilisation_mean", live, held);
}

static void set_total(lua_State *L, const struct measures *found)
{
  const struct measure_point *peak = &found->total_peak, *end = &found->end;
  table_set_integer(L, "total_peak", peak->held + peak->raw);
  table_set_integer(L, "total_end", end->held + end->raw);
  table_set_integer(L, "total_live_peak", peak->live + peak->raw);
  table_set_integer(L, "total_live_end", end->live + end->raw);
  table_set_number(L, "total_mean",
                   measures_mean(found, &found->held_sum, &found->raw_sum));
  table_set_number(L, "total_live_mean",
                   measures_mean(found, &found->live_sum, &found->raw_sum));
}

static void set_counts(lua_State *L, const struct measures *found)
{
  table_set_integer(L, "requests", found->end.requests);
  table_set_integer(L, "small_requests", found->small);
  table_set_integer(L, "raw_requests", found->raw);
  table_set_integer(L, "waste_rounding", found->waste.rounding);
  table_set_integer(L, "waste_headers", found->waste.headers);
  table_set_integer(L, "waste_free", found->waste.free);
  table_set_integer(L, "waste_unused", found->waste.unused);
  if (found->has_arenas) {
    table_set_integer(L, "arenas_highwater", found->arenas_highwater);
    table_set_integer(L, "arenas_obtained", found->arenas_obtained);
    table_set_integer(L, "arenas_released", found->arenas_released);
  }
  if (found->has_pages) {
    table_set_integer(L, "touched_pages", found->touched_pages);
    table_set_integer(L, "system_calls", found->system_calls);
  }
}

/* A curve of the series. */
enum curve {
  CURVE_REQUESTS,
  CURVE_HELD,
  CURVE_LIVE,
  CURVE_TOTAL,
  CURVE_TOTAL_LIVE,
  CURVES
};

static const char *const curve_names[CURVES] = {"requests", "held", "live",
                                                "total", "total_live"};

static uint64_t value_of(const struct measure_point *point, enum curve curve)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each curve */
  switch (curve) {
    /* GCOVR_EXCL_BR_STOP */
  case CURVE_REQUESTS:
    return point->requests;
  case CURVE_HELD:
    return point->held;
  case CURVE_LIVE:
    return point->live;
  case CURVE_TOTAL:
    return point->held + point->raw;
  case CURVE_TOTAL_LIVE:
    return point->live + point->raw;
  case CURVES:
    break;
  }
  return 0;
}

static void set_curve(lua_State *L, int index, enum curve curve, size_t count)
{
  lua_createtable(L, (int)count, 0);
  int array = lua_gettop(L);
  for (size_t i = 0; i < count; i++) {
    const struct measures *found = check_measures(L, index, count);
    lua_pushinteger(L, (lua_Integer)value_of(&found->series[i], curve));
    table_append(L, array, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, curve_names[curve]);
}

static void set_series(lua_State *L, int index, size_t count)
{
  lua_createtable(L, 0, CURVES);
  for (int curve = 0; curve < CURVES; curve++)
    set_curve(L, index, (enum curve)curve, count);
  lua_setfield(L, -2, "series");
}

void binding_push_measures(lua_State *L, int index)
{
  const struct measures copy = *check_measures(L, index, 0);
  lua_createtable(L, 0, 40);
  set_held(L, &copy);
  set_total(L, &copy);
  set_counts(L, &copy);
  if (copy.series != NULL)
    set_series(L, index, copy.series_done);
}

/* }================================================================== */
