/*
** The events that wait are told one by one, by one function of Lua's, the
** dispatcher: dispatcher(heap, event) returns whether a listener has raised an
** error, and the error.
**
** An event stays in 'pending' until the dispatcher has returned. So an event
** is not lost where Lua has no memory in the middle: the next request tells it,
** and the dispatcher knows which listeners were told already. A request that a
** finalizer makes meanwhile adds its events at the end; the loop that is
** running tells them. Blocks that the collector frees are told with the next
** request.
*/
#include "telling.h"

#include "argument.h"
#include "buffer.h"
#include "event_table.h"
#include "table.h"

/* The registry's key of the dispatcher. */
static const char dispatcher_key;

/*
** Is the collector calling a finalizer? Then it refuses all options, since Lua
** 5.4.4. Before, a finalizer that interrupts a listener is taken for it.
*/
static bool is_in_finalizer(lua_State *L)
{
  return lua_gc(L, LUA_GCISRUNNING) < 0;
}

/* Finalizers are not interrupted by others. */
void binding_begin_watched(lua_State *L, struct binding_watching *watching,
                           bool is_quiet)
{
  watching->is_quiet =
      is_quiet || (watching->is_listening &&
                   is_in_finalizer(L) == watching->began_in_finalizer);
}

/*
** {==================================================================
** Telling
** ===================================================================
*/

/* Where things are on the stack of 'tell'. */
enum { HEAP = 1, HAS_FAILED, PROBLEM };

/* The heap that is argument 1, while its events are told; or NULL. */
static struct binding_heap *telling_heap(lua_State *L)
{
  struct binding_heap *heap = binding_record(L, HEAP);
  bool is_telling =
      heap != NULL && heap->watching != NULL && heap->watching->is_telling;
  return is_telling ? heap : NULL;
}

/* Pushes the event that waits longest; false: there is none. */
static bool push_pending(lua_State *L, uint64_t *number)
{
  const struct binding_heap *heap = telling_heap(L);
  if (heap == NULL || event_ring_count(&heap->watching->pending) == 0)
    return false;
  *number = heap->watching->pending.first;
  struct event event = *event_ring_at(&heap->watching->pending, *number);
  pym_geometry geometry = heap->geometry;
  event_push(L, &event, &geometry);
  return true;
}

/* The event with that number has been told. */
static void drop_pending(lua_State *L, uint64_t number)
{
  struct binding_heap *heap = telling_heap(L);
  if (heap != NULL && heap->watching->pending.first == number &&
      event_ring_count(&heap->watching->pending) > 0)
    event_ring_drop(&heap->watching->pending);
}

static void set_listening(lua_State *L, bool is_listening)
{
  struct binding_heap *heap = telling_heap(L);
  if (heap == NULL)
    return;
  heap->watching->is_listening = is_listening;
  heap->watching->began_in_finalizer = is_in_finalizer(L);
}

/* Calls the dispatcher with the event on top. */
static void dispatch(lua_State *L)
{
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &dispatcher_key);
  lua_insert(L, -2);
  lua_pushvalue(L, HEAP);
  lua_insert(L, -2);
  set_listening(L, true);
  lua_call(L, 2, 2);
  set_listening(L, false);
}

/* Tells all that waits; then raises the first error of a listener. */
static int tell(lua_State *L)
{
  uint64_t number;
  lua_settop(L, HEAP);
  lua_pushboolean(L, false);
  lua_pushnil(L);
  while (push_pending(L, &number)) {
    dispatch(L);
    drop_pending(L, number);
    if (lua_toboolean(L, -2) && !lua_toboolean(L, HAS_FAILED)) {
      lua_replace(L, PROBLEM);
      lua_replace(L, HAS_FAILED);
    }
    lua_settop(L, PROBLEM);
  }
  return lua_toboolean(L, HAS_FAILED) ? lua_error(L) : 0;
}

/* Calls 'tell' with the heap on top. The record outlasts what is done there. */
static int call_tell(lua_State *L, struct binding_heap *heap)
{
  struct binding_watching *watching = heap->watching;
  heap->reference_count++;
  watching->is_telling = true;
  lua_pushcfunction(L, tell);
  lua_insert(L, -2);
  int status = lua_pcall(L, 1, 0, 0);
  watching->is_telling = watching->is_listening = false;
  binding_release_heap(heap);
  return status;
}

/* Pushes what should be the heap of the object at 'index'. */
static void push_heap(lua_State *L, int index)
{
  const struct buffer *buffer = binding_test(L, index, &binding_buffer_type);
  if (buffer != NULL)
    (void)buffer_push_heap(L, index, buffer);
  else
    lua_pushvalue(L, index);
}

static bool has_dispatcher(lua_State *L)
{
  bool is_there =
      lua_rawgetp(L, LUA_REGISTRYINDEX, &dispatcher_key) == LUA_TFUNCTION;
  lua_pop(L, 1);
  return is_there;
}

static NOINLINE void tell_watched(lua_State *L, int index)
{
  int top = lua_gettop(L);
  luaL_checkstack(L, 8, NULL);
  push_heap(L, index);
  struct binding_heap *heap = binding_record(L, -1);
  if (heap != NULL && heap->watching != NULL && !heap->watching->is_telling &&
      event_ring_count(&heap->watching->pending) > 0 && has_dispatcher(L) &&
      call_tell(L, heap) != LUA_OK)
    lua_error(L);
  lua_settop(L, top);
}

void binding_tell(lua_State *L, int index)
{
  const struct buffer *buffer = binding_test(L, index, &binding_buffer_type);
  const struct binding_heap *heap =
      buffer != NULL ? buffer->heap : binding_record(L, index);
  if (unlikely(heap != NULL && heap->watching != NULL))
    tell_watched(L, index);
}

/* }================================================================== */

/*
** {==================================================================
** core.events
** ===================================================================
*/

/*
** events.watch(heap, kinds, kept): the kinds that listeners want, and how many
** events heap:last_events is to know; 0 and 0 end it. Returns the number of
** the last request.
*/
static int watch(lua_State *L)
{
  struct binding_heap *heap = binding_open_heap(L, 1);
  uint64_t kinds = event_check_kinds(L, 2, "events.watch: kinds");
  size_t kept = binding_check_size(L, 3, "events.watch: kept");
  if (heap->is_borrowed)
    return luaL_error(L, "pymalloc: the heap of a run has no listeners: see "
                         "run:events()");
  if (heap->is_hosting)
    return luaL_error(
        L, "pymalloc: this Lua state is hosted on the heap: a listener "
           "would get the events of its own requests; see "
           "pymalloc.trace.record");
  if (!watching_set(heap, kinds, kept))
    return luaL_error(L, "pymalloc: not enough memory");
  lua_pushinteger(L, heap->watching == NULL
                         ? 0
                         : (lua_Integer)heap->watching->watch.event.request);
  return 1;
}

/* Pushes the event of the history with that number; false: it has none. */
static bool push_kept(lua_State *L, uint64_t number)
{
  const struct binding_heap *heap = binding_open_heap(L, 1);
  const struct event *kept =
      heap->watching == NULL ? NULL
                             : event_ring_at(&heap->watching->history, number);
  if (kept == NULL)
    return false;
  struct event event = *kept;
  pym_geometry geometry = heap->geometry;
  event_push(L, &event, &geometry);
  return true;
}

/*
** events.last(heap, count): the last events, the oldest first. Finalizers that
** run meanwhile may add events, which are left out, and push out the oldest.
*/
static int last(lua_State *L)
{
  const struct binding_heap *heap = binding_open_heap(L, 1);
  size_t most = binding_check_size(L, 2, "events.last: count");
  struct event_ring history = {0};
  if (heap->watching != NULL)
    history = heap->watching->history;
  size_t count = event_ring_count(&history);
  lua_settop(L, 2);
  lua_newtable(L);
  lua_Integer length = 0;
  for (uint64_t i = history.end - (count < most ? count : most);
       i < history.end; i++)
    if (push_kept(L, i))
      table_append(L, 3, ++length);
  lua_settop(L, 3);
  return 1;
}

/* events.lost(heap): how many events there was no room for. */
static int lost(lua_State *L)
{
  const struct binding_heap *heap = binding_open_heap(L, 1);
  lua_pushinteger(
      L, heap->watching == NULL ? 0 : (lua_Integer)heap->watching->lost);
  return 1;
}

/* events.dispatch(function): the dispatcher from here on. */
static int set_dispatcher(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &dispatcher_key);
  return 0;
}

const luaL_Reg telling_functions[] = {{"watch", watch},
                                      {"last", last},
                                      {"lost", lost},
                                      {"dispatch", set_dispatcher},
                                      {NULL, NULL}};

/* }================================================================== */
