#include "replay_results.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "trace_parts.h"
#include "type.h"

/* The results of one interpreter. */
struct result {
  size_t number;
  struct replay_stats replayed;
  pym_stats stats;
};

struct results {
  uint64_t magic;
  struct result *items; /* NULL: there are none */
  size_t count;
  struct phase *phases; /* NULL: the trace has no marks */
  size_t phase_count;
  uint64_t left_out; /* marks that are not in 'phases' */
};

static const struct binding_type results_type = {"pymalloc.ReplayResults",
                                                 UINT64_C(0x81b3c6f50d2e947a),
                                                 sizeof(struct results)};

void replay_results_new(lua_State *L)
{
  (void)binding_new(L, &results_type);
}

/*
** {==================================================================
** Copying
** ===================================================================
*/

static bool keep_interpreters(struct results *results,
                              const struct replay *replay)
{
  size_t end = replay_interpreter_end(replay);
  results->items = calloc(end, sizeof results->items[0]);
  if (results->items == NULL)
    return false;
  for (size_t i = 0; i < end; i++) {
    const struct replay_stats *replayed = replay_stats_of(replay, i);
    if (replayed == NULL)
      continue;
    struct result *item = &results->items[results->count++];
    item->number = i;
    item->replayed = *replayed;
    pym_heap_stats(replay_heap_of(replay, i), &item->stats, NULL);
  }
  return true;
}

static bool keep_phases(struct results *results, const struct replay *replay)
{
  const struct phases *phases = replay_phases(replay);
  results->left_out = phases->left_out;
  if (phases->count == 0)
    return true;
  results->phases = malloc(phases->count * sizeof results->phases[0]);
  if (results->phases == NULL)
    return false;
  memcpy(results->phases, phases->items,
         phases->count * sizeof results->phases[0]);
  results->phase_count = phases->count;
  return true;
}

bool replay_results_keep(lua_State *L, int index, const struct replay *replay)
{
  struct results *results = binding_test(L, index, &results_type);
  return results != NULL && results->items == NULL &&
         keep_interpreters(results, replay) && keep_phases(results, replay);
}

static int results_gc(lua_State *L)
{
  struct results *results = binding_test(L, 1, &results_type);
  if (results == NULL)
    return 0;
  free(results->items);
  free(results->phases);
  results->items = NULL;
  results->phases = NULL;
  results->count = results->phase_count = 0;
  return 0;
}

/* }================================================================== */

/*
** {==================================================================
** Tables
** ===================================================================
*/

/* The results that still are at 'index', of which there are this many. */
static const struct results *check(lua_State *L, int index, size_t items,
                                   size_t phases)
{
  const struct results *results = binding_test(L, index, &results_type);
  if (results == NULL || results->count < items ||
      results->phase_count < phases)
    luaL_error(L, "pymalloc: the result is gone");
  return results;
}

static void push_item(lua_State *L, int index, size_t i)
{
  struct result item = check(L, index, i + 1, 0)->items[i];
  trace_push_summary(L, &item.replayed, &item.stats);
  if (item.number != 0)
    table_set_integer(L, "interpreter", item.number);
}

/* Sets the field 'interpreters' of the table on top. */
static void set_interpreters(lua_State *L, int index)
{
  int array = lua_gettop(L) + 1;
  lua_newtable(L);
  for (size_t i = 1; i < check(L, index, 0, 0)->count; i++) {
    push_item(L, index, i);
    table_append(L, array, (lua_Integer)i);
  }
  lua_setfield(L, -2, "interpreters");
}

static void push_phase(lua_State *L, int index, size_t i)
{
  struct phase phase = check(L, index, 0, i + 1)->phases[i];
  lua_createtable(L, 0, 6);
  table_set_string(L, "text", phase.text);
  table_set_integer(L, "requests", phase.requests);
  table_set_integer(L, "live_blocks", phase.live_blocks);
  table_set_integer(L, "live_bytes", phase.live_bytes);
  table_set_integer(L, "arenas", phase.arenas);
  table_set_integer(L, "arena_bytes", phase.arena_bytes);
}

/* Sets the field 'phases' of the table on top. */
static void set_phases(lua_State *L, int index)
{
  int array = lua_gettop(L) + 1;
  lua_newtable(L);
  for (size_t i = 0; i < check(L, index, 0, 0)->phase_count; i++) {
    push_phase(L, index, i);
    table_append(L, array, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "phases");
  if (check(L, index, 0, 0)->left_out > 0)
    table_set_integer(L, "phases_left_out", check(L, index, 0, 0)->left_out);
}

void replay_results_push(lua_State *L, int index)
{
  push_item(L, index, 0);
  if (check(L, index, 1, 0)->count > 1)
    set_interpreters(L, index);
  if (check(L, index, 1, 0)->phase_count > 0)
    set_phases(L, index);
}

/* }================================================================== */

static const luaL_Reg metamethods[] = {{"__gc", results_gc}, {NULL, NULL}};

void replay_results_open(lua_State *L)
{
  binding_new_type(L, &results_type, metamethods);
  lua_pop(L, 1);
}
