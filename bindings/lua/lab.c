/*
** The simulator for scripts: lab.simulate, of which pymalloc/lab.lua makes
** pymalloc.lab.simulate.
**
** A simulation has memory of its own, and calls functions of the script, which
** are policies or take the placements. These run in protected mode, so that
** their errors do not jump over C code; the first one is raised again when the
** simulation is closed. By debug.setlocal they may change every value on the
** stack: so a value that is called is looked at again, and the requests have a
** reference.
*/
#include "lab.h"

#include <math.h>
#include <stdlib.h>

#include "argument.h"
#include "lab/simulate.h"
#include "lab_design.h"
#include "loaded.h"
#include "measures.h"
#include "run_type.h"
#include "table.h"
#include "type.h"

/* The arguments of simulate, and the values behind them. */
enum {
  LOADED = 1,
  DESIGN,
  SERIES,
  OUTPUT,    /* a function that gets the placements, or nil */
  RANK_POOL, /* functions that are policies, or nil */
  RANK_ARENA,
  CHOOSE_BLOCK,
  MAY_RELEASE,
  RESULT, /* the object of the result */
  ERROR   /* the first error of a function */
};

/*
** {==================================================================
** Functions of the script
** ===================================================================
*/

struct calls {
  lua_State *L;
  bool has_raised;
};

/* What a function is called for. */
enum question { WRITE, RANK_A_POOL, RANK_AN_ARENA, CHOOSE_A_BLOCK, RELEASE };

/* Text or facts for a function, and what it returned. */
struct message {
  enum question question;
  const char *text;
  size_t bytes;
  const struct pool_facts *pool;
  const struct arena_facts *arena;
  double rank;
  uint32_t number;
  bool answer;
};

static void push_pool(lua_State *L, const struct pool_facts *facts)
{
  lua_createtable(L, 0, 6);
  table_set_integer(L, "class_bytes", facts->class_bytes);
  table_set_integer(L, "capacity", facts->capacity);
  table_set_integer(L, "live", facts->live);
  table_set_integer(L, "address", facts->address);
  table_set_integer(L, "requests", facts->requests);
}

/* Sets the field free: the numbers of the free blocks. */
static void set_free(lua_State *L, const struct pool_facts *facts)
{
  lua_newtable(L);
  int array = lua_gettop(L);
  lua_Integer count = 0;
  for (uint32_t i = facts->free; i != FACTS_NO_BLOCK; i = facts->links[i]) {
    lua_pushinteger(L, i);
    table_append(L, array, ++count);
  }
  lua_setfield(L, -2, "free");
}

static void push_arena(lua_State *L, const struct arena_facts *facts)
{
  lua_createtable(L, 0, 6);
  table_set_integer(L, "slot", facts->slot);
  table_set_integer(L, "pools", facts->pools);
  table_set_integer(L, "free_pools", facts->free_pools);
  table_set_integer(L, "obtained", facts->obtained);
  table_set_integer(L, "arenas", facts->arenas);
  table_set_integer(L, "requests", facts->requests);
}

static void push_argument(lua_State *L, const struct message *message)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (message->question) {
  /* GCOVR_EXCL_BR_STOP */
  case WRITE:
    lua_pushlstring(L, message->text, message->bytes);
    break;
  case CHOOSE_A_BLOCK:
    push_pool(L, message->pool);
    set_free(L, message->pool);
    break;
  case RANK_A_POOL:
    push_pool(L, message->pool);
    break;
  case RANK_AN_ARENA:
  case RELEASE:
    push_arena(L, message->arena);
    break;
  }
}

/* The rank that a function returned, on the top of the stack. */
static double check_rank(lua_State *L, const char *policy)
{
  double rank = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
  if (isnan(rank))
    luaL_error(L, "pymalloc: lab: the policy %s must return a number, got %s",
               policy, binding_describe(L, -1));
  return rank;
}

static bool is_free(const struct pool_facts *facts, lua_Integer number)
{
  uint32_t i = facts->free;
  while (i != FACTS_NO_BLOCK && i != number)
    i = facts->links[i];
  return i != FACTS_NO_BLOCK;
}

/* The number of a free block that a function returned. */
static uint32_t check_block(lua_State *L, const struct pool_facts *facts)
{
  int is_whole = 0;
  lua_Integer number =
      lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &is_whole) : 0;
  if (!is_whole || !is_free(facts, number))
    luaL_error(L,
               "pymalloc: lab: the policy next_block must return an element "
               "of 'free', got %s",
               binding_describe(L, -1));
  return (uint32_t)number;
}

/* Arguments: a function, a message as light userdata. */
static int call_function(lua_State *L)
{
  struct message *message = lua_touserdata(L, 2);
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  push_argument(L, message);
  lua_call(L, 1, 1);
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (message->question) {
  /* GCOVR_EXCL_BR_STOP */
  case WRITE:
    break;
  case CHOOSE_A_BLOCK:
    message->number = check_block(L, message->pool);
    break;
  case RANK_A_POOL:
    message->rank = check_rank(L, "next_pool");
    break;
  case RANK_AN_ARENA:
    message->rank = check_rank(L, "next_arena");
    break;
  case RELEASE:
    message->answer = lua_toboolean(L, -1);
    break;
  }
  return 0;
}

/* Calls the function at 'index'. false: it has raised an error, now or before. */
static bool call(struct calls *self, int index, struct message *message)
{
  lua_State *L = self->L;
  if (self->has_raised)
    return false;
  lua_pushcfunction(L, call_function);
  lua_pushvalue(L, index);
  lua_pushlightuserdata(L, message);
  self->has_raised = lua_pcall(L, 2, 0, 0) != LUA_OK;
  if (self->has_raised)
    lua_replace(L, ERROR);
  return !self->has_raised;
}

static bool rank_pool(void *context, const struct pool_facts *facts,
                      double *rank)
{
  struct message message = {.question = RANK_A_POOL, .pool = facts};
  bool is_called = call(context, RANK_POOL, &message);
  *rank = message.rank;
  return is_called;
}

static bool rank_arena(void *context, const struct arena_facts *facts,
                       double *rank)
{
  struct message message = {.question = RANK_AN_ARENA, .arena = facts};
  bool is_called = call(context, RANK_ARENA, &message);
  *rank = message.rank;
  return is_called;
}

static bool choose_block(void *context, const struct pool_facts *facts,
                         uint32_t *number)
{
  struct message message = {.question = CHOOSE_A_BLOCK, .pool = facts};
  bool is_called = call(context, CHOOSE_BLOCK, &message);
  *number = message.number;
  return is_called;
}

static bool may_release(void *context, const struct arena_facts *facts,
                        bool *released)
{
  struct message message = {.question = RELEASE, .arena = facts};
  bool is_called = call(context, MAY_RELEASE, &message);
  *released = message.answer;
  return is_called;
}

static bool write_output(void *context, const char *text, size_t bytes)
{
  struct message message = {.question = WRITE, .text = text, .bytes = bytes};
  return call(context, OUTPUT, &message);
}

/* }================================================================== */

/* Reads the arguments, and makes the object for the result. */
static void read_arguments(lua_State *L, struct design *design,
                           struct simulate_options *options)
{
  lua_settop(L, MAY_RELEASE);
  options->series_count = (size_t)binding_check_integer(
      L, SERIES, "lab.simulate: series", 0, MEASURES_SERIES_MAX);
  lab_read_design(L, DESIGN, design);
  lua_settop(L, MAY_RELEASE);
  binding_new_measures(L);
  lua_pushnil(L);
  (void)luaL_checkstack(L, 20, NULL);
}

/* Simulates. false: a function of the script has failed, or no memory. */
static bool run(lua_State *L, struct calls *calls, const struct design *design,
                struct simulate_options *options, struct measures *found)
{
  options->context = calls;
  options->write = lua_isnil(L, OUTPUT) ? NULL : write_output;
  const struct loaded_trace *loaded = binding_take_loaded(L, LOADED);
  bool is_done = simulate(loaded, design, options, found);
  binding_end_loaded(loaded);
  if (!is_done || calls->has_raised)
    measures_close(found);
  return is_done && !calls->has_raised;
}

/***
** lab.simulate(loaded, design, series, output, rank_pool, rank_arena,
** choose_block, may_release): the measures of the simulation; or nil, a message
** and "ENOMEM".
** @local
*/
static int lab_simulate(lua_State *L)
{
  struct calls calls = {L, false};
  struct simulate_options options;
  struct design design;
  struct measures found;
  read_arguments(L, &design, &options);
  design.calls = (struct design_calls){&calls, rank_pool, rank_arena,
                                       choose_block, may_release};
  if (run(L, &calls, &design, &options, &found)) {
    binding_keep_measures(L, RESULT, &found);
    binding_push_measures(L, RESULT);
    return 1;
  }
  if (!calls.has_raised)
    return binding_fail(L, "not enough memory for the simulation", "ENOMEM");
  lua_settop(L, ERROR);
  return lua_error(L);
}

int binding_open_lab(lua_State *L)
{
  static const luaL_Reg functions[] = {{"simulate", lab_simulate},
                                       {"policies", lab_push_policies},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
