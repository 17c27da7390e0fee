/*
** Watching a heap from Lua. The heap's events wait in a list while a request
** is served, and are told when it is over: a listener may then do what it
** likes, fail too, and the heap is whole.
**
** What tells them to listeners is one function of Lua's, the dispatcher:
** dispatcher(heap, events). Blocks that the collector frees are told with the
** next request.
*/
#include <stdlib.h>

#include "watching.h"
#include "table.h"
#include "event_table.h"
#include "serve/watch_layer.h"

#define PENDING_MAX ((size_t)1 << 16) /* events that wait; then they are lost */

struct binding_watching {
  struct watch watch;
  struct event *pending;
  size_t count, capacity;
  size_t lost;
};

/* Registry keys: the dispatcher; the heap objects by their record, weakly. */
static const char dispatcher_key, heaps_key;

static void wait(void *context, const struct event *event)
{
  struct binding_watching *watching = context;
  if (watching->count == watching->capacity) {
    size_t capacity = watching->capacity == 0 ? 64 : 2 * watching->capacity;
    struct event *grown =
        capacity > PENDING_MAX
            ? NULL
            : realloc(watching->pending, capacity * sizeof *grown);
    if (grown == NULL) {
      watching->lost++;
      return;
    }
    watching->pending = grown;
    watching->capacity = capacity;
  }
  watching->pending[watching->count++] = *event;
}

void binding_end_watching(struct binding_heap *heap)
{
  struct binding_watching *watching = heap->watching;
  if (watching == NULL)
    return;
  heap->watching = NULL;
  if (heap->core != NULL)
    watch_stop(&watching->watch);
  free(watching->pending);
  free(watching);
}

static bool start(struct binding_heap *heap, uint64_t kinds)
{
  struct binding_watching *watching = heap->watching;
  if (watching != NULL) {
    watching->watch.kinds = kinds;
    return true;
  }
  watching = calloc(1, sizeof *watching);
  if (watching == NULL)
    return false;
  heap->watching = watching;
  watch_start(&watching->watch, heap->core, kinds, wait, watching);
  return true;
}

/* Remembers the heap at index 1, so that its record leads to it. */
static void enter_heap(lua_State *L, const struct binding_heap *heap)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &heaps_key) != LUA_TTABLE) {
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    (void)lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &heaps_key);
  }
  lua_pushvalue(L, 1);
  lua_rawsetp(L, -2, heap);
}

/* events.watch(heap, kinds): 0 ends it. */
static int watch_heap_kinds(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  uint64_t kinds = event_check_kinds(L, 2, "events.watch: kinds");
  lua_settop(L, 2);
  enter_heap(L, binding_open_heap(L, 1));
  struct binding_heap *heap = binding_open_heap(L, 1);
  if (heap->is_borrowed)
    return luaL_error(L, "pymalloc: the heap of a run has no listeners: see "
                         "run:events()");
  if (heap->is_hosting)
    return luaL_error(L, "pymalloc: this Lua state lives on the heap: what a "
                         "listener does would be told to it; see "
                         "pymalloc.trace.record");
  if (kinds == 0)
    binding_end_watching(heap);
  else if (!start(heap, kinds))
    return luaL_error(L, "pymalloc: not enough memory");
  return 0;
}

/* The event that waits at 'index', copied; false: there is none. */
static bool get_pending(lua_State *L, size_t index, struct event *event)
{
  const struct binding_heap *heap = binding_test_heap(L, 1);
  if (heap == NULL || heap->watching == NULL || index >= heap->watching->count)
    return false;
  *event = heap->watching->pending[index];
  return true;
}

/* events.take(heap): those that wait, and how many were lost. */
static int take_events(lua_State *L)
{
  struct event event;
  size_t count = 0;
  pym_geometry geometry = binding_open_heap(L, 1)->geometry;
  lua_settop(L, 1);
  lua_newtable(L);
  for (; get_pending(L, count, &event); count++) {
    event_push(L, &event, &geometry);
    table_append(L, 2, (lua_Integer)count + 1);
  }
  struct binding_heap *heap = binding_open_heap(L, 1);
  size_t lost = 0;
  if (heap->watching != NULL) {
    lost = heap->watching->lost;
    heap->watching->count = heap->watching->lost = 0;
  }
  lua_pushinteger(L, (lua_Integer)lost);
  return 2;
}

/* events.dispatch(function): the dispatcher from here on. */
static int set_dispatcher(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &dispatcher_key);
  return 0;
}

void binding_tell_watched(lua_State *L, const struct binding_heap *heap)
{
  int top = lua_gettop(L);
  luaL_checkstack(L, 8, NULL);
  if (heap->watching->count > 0 &&
      lua_rawgetp(L, LUA_REGISTRYINDEX, &heaps_key) == LUA_TTABLE &&
      lua_rawgetp(L, -1, heap) == LUA_TUSERDATA &&
      lua_rawgetp(L, LUA_REGISTRYINDEX, &dispatcher_key) == LUA_TFUNCTION) {
    lua_insert(L, -2);
    lua_call(L, 1, 0);
  }
  lua_settop(L, top);
}

const luaL_Reg binding_watch_functions[] = {{"watch", watch_heap_kinds},
                                            {"take", take_events},
                                            {"dispatch", set_dispatcher},
                                            {NULL, NULL}};
