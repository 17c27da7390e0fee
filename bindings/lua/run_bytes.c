/*
** The bytes of a run's heap by kind, at its present request and over all of its
** requests. Points are copied to a userdata first, and their tables are made
** afterwards: making a table may run finalizers, which may move the run.
*/
#include "argument.h"
#include "run_type.h"
#include "table.h"
#include "timeline/timeline_bytes.h"

#define POINTS_MAX 100000

/* The figures of a point, in the order of their names. */
#define FIGURES(X) \
  X(at)            \
  X(live)          \
  X(raw)           \
  X(rounding)      \
  X(headers)       \
  X(free)          \
  X(unused)        \
  X(arenas)        \
  X(pools)         \
  X(live_most)     \
  X(raw_most)      \
  X(arenas_most)

static const char *const names[] = {
#define X(name) #name,
    FIGURES(X)
#undef X
};

enum figure {
#define X(name) FIGURE_##name,
  FIGURES(X)
#undef X
      FIGURE_COUNT
};

static uint64_t value_of(const struct timeline_bytes *point, enum figure figure)
{
  const uint64_t values[] = {
#define X(name) point->name,
      FIGURES(X)
#undef X
  };
  return values[figure];
}

/* run.bytes(run): a table with each figure. */
static int bytes(lua_State *L)
{
  struct timeline_bytes now;
  timeline_count_bytes(binding_check_run(L), &now);
  lua_createtable(L, 0, FIGURE_COUNT);
  for (unsigned i = 0; i < FIGURE_COUNT; i++)
    table_set_integer(L, names[i], value_of(&now, (enum figure)i));
  return 1;
}

/* The arguments of run.curve, the copied points, the result and an array. */
enum { FROM = 2, TO, COUNT, POINTS, RESULT, ARRAY };

/* Sets an array with one figure of all points. */
static void set_array(lua_State *L, const struct timeline_bytes *points,
                      size_t count, enum figure figure)
{
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    if (lua_touserdata(L, POINTS) != points)
      luaL_error(L, "pymalloc: the result is gone");
    lua_pushinteger(L, (lua_Integer)value_of(&points[i], figure));
    table_append(L, ARRAY, (lua_Integer)i + 1);
  }
  lua_setfield(L, RESULT, names[figure]);
}

/*
** run.curve(run, from, to, count): for each figure an array of count + 1 values,
** those after the requests from 'from' to 'to'; fewer if a request cannot be run.
*/
static int curve(lua_State *L)
{
  lua_settop(L, COUNT);
  (void)binding_check_run(L);
  size_t count =
      (size_t)binding_check_integer(L, COUNT, "run: points", 1, POINTS_MAX);
  struct timeline_bytes *points =
      binding_push_scratch(L, (count + 1) * sizeof points[0]);
  struct timeline *run = binding_check_run(L);
  uint64_t to = binding_check_time(L, run, TO, "run: to");
  uint64_t from =
      (uint64_t)binding_check_integer(L, FROM, "run: from", 0, (lua_Integer)to);
  size_t done = timeline_curve(run, from, to, count, points);
  lua_createtable(L, 0, FIGURE_COUNT);
  for (unsigned i = 0; i < FIGURE_COUNT; i++)
    set_array(L, points, done, (enum figure)i);
  return 1;
}

static const luaL_Reg functions[] = {
    {"bytes", bytes}, {"curve", curve}, {NULL, NULL}};

void binding_set_run_bytes(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
