/*
** The space that a loaded trace takes over time: trace.space, of which
** pymalloc/plot/space.lua makes pictures.
*/
#include "space.h"

#include "argument.h"
#include "loaded.h"
#include "options.h"
#include "run_type.h"
#include "trace/space.h"
#include "type.h"

#define SIDE_MAX 10000
#define SPANS_MAX 1000000

/* The arguments of space, and the object behind them. */
enum { LOADED = 1, OPTIONS, COLUMNS, ROWS, SPANS, OBJECT };

struct space_object {
  uint64_t magic;
  struct space space;
};

static const struct binding_type space_type = {"pymalloc.Space",
                                               UINT64_C(0x8d51c0e92b7fa436),
                                               sizeof(struct space_object)};

static int space_gc(lua_State *L)
{
  struct space_object *object = binding_test(L, 1, &space_type);
  if (object != NULL)
    space_close(&object->space);
  return 0;
}

static struct space *check_space(lua_State *L)
{
  struct space_object *object = binding_check(L, OBJECT, &space_type);
  return &object->space;
}

/* Pushes a string of numbers of 8 bytes, in the byte order of the machine. */
static void push_numbers(lua_State *L, const void *numbers, size_t bytes)
{
  if (numbers == NULL)
    luaL_error(L, "pymalloc: the result is gone");
  lua_pushlstring(L, numbers, bytes);
}

static int push_result(lua_State *L)
{
  const struct space *space = check_space(L);
  lua_pushinteger(L, (lua_Integer)space->columns);
  lua_pushinteger(L, (lua_Integer)space->rows);
  lua_pushinteger(L, (lua_Integer)space->column_requests);
  lua_pushinteger(L, (lua_Integer)space->row_bytes);
  lua_pushinteger(L, (lua_Integer)space->extent);
  lua_pushinteger(L, (lua_Integer)space->spans);
  size_t bytes = space->columns * space->rows * sizeof space->live[0];
  push_numbers(L, space->live, bytes);
  space = check_space(L);
  push_numbers(L, space->held,
               space->columns * space->rows * sizeof space->held[0]);
  space = check_space(L);
  push_numbers(L, space->all, space->all_count * sizeof space->all[0]);
  return 9;
}

/***
** trace.space(loaded, options, columns, rows, spans): the numbers columns,
** rows, column_requests, row_bytes, extent and spans of a struct space; then the
** grid of live bytes, the grid of held bytes and the first spans, as strings of
** numbers of 8 bytes; or nil, a message and "ENOMEM".
** @local
*/
static int space_of_trace(lua_State *L)
{
  pym_options options;
  const char *profile;
  lua_settop(L, SPANS);
  size_t columns = (size_t)binding_check_integer(
      L, COLUMNS, "trace.space: columns", 1, SIDE_MAX);
  size_t rows =
      (size_t)binding_check_integer(L, ROWS, "trace.space: rows", 1, SIDE_MAX);
  size_t spans = (size_t)binding_check_integer(L, SPANS, "trace.space: spans",
                                               0, SPANS_MAX);
  binding_read_options(L, OPTIONS, &options, &profile);
  lua_settop(L, SPANS);
  (void)binding_new(L, &space_type);
  const struct loaded_trace *loaded = binding_check_loaded(L, LOADED);
  struct space *space = check_space(L);
  space_close(space);
  if (!space_of(loaded, &options, columns, rows, spans, space))
    return binding_fail(L, "not enough memory for the trace", "ENOMEM");
  return push_result(L);
}

void binding_set_space(lua_State *L)
{
  static const luaL_Reg metamethods[] = {{"__gc", space_gc}, {NULL, NULL}};
  binding_new_type(L, &space_type, metamethods);
  lua_pop(L, 1);
  lua_pushcfunction(L, space_of_trace);
  lua_setfield(L, -2, "space");
}
