/*
** The lists of a heap as arrays of views in list order.
**
** The places of a list are copied first, and the views are made afterwards:
** making a view may run finalizers, which may change the list.
*/
#include "list.h"
#include "argument.h"
#include "arena.h"
#include "heap.h"
#include "pool.h"
#include "view.h"
#include "state/walk.h"

/*
** Copies up to 'capacity' places of a list. Returns the length of the list, or
** BROKEN if a link is damaged or the list has a circle.
*/
typedef size_t (*list_reader)(const pym_heap *heap, size_t which,
                              struct place *places, size_t capacity);

#define BROKEN SIZE_MAX
#define MORE_PLACES 4u /* a hosted state's memory for places may add members */

static void note(struct place *places, size_t capacity, size_t number,
                 struct place place)
{
  if (number < capacity)
    places[number] = place;
}

/* Copies the ring of usedpools of the class 'which'. */
static size_t read_usedpools(const pym_heap *heap, size_t which,
                             struct place *places, size_t capacity)
{
  size_t count = 0;
  size_t most =
      heap->narenas_currently_allocated * geometry_arena_pools(&heap->geometry);
  if (which >= heap->class_count)
    return BROKEN;
  const struct pool_header *ring = &heap->usedpools[which];
  const struct pool_header *pool = ring->nextpool;
  for (; pool != ring; pool = pool->nextpool) {
    if (count == most || !walk_is_pool(heap, pool))
      return BROKEN;
    note(places, capacity, count++, view_place(heap, pool));
  }
  return count;
}

/* Copies a list of arena objects, linked by nextarena. */
static size_t read_arenas(const pym_heap *heap,
                          const struct arena_object *arena,
                          struct place *places, size_t capacity)
{
  size_t count = 0;
  for (; arena != NULL; arena = arena->nextarena) {
    size_t offset = (uintptr_t)arena - (uintptr_t)heap->arenas;
    size_t slot = offset / sizeof *arena;
    if (count == heap->maxarenas || slot >= heap->maxarenas ||
        offset % sizeof *arena != 0)
      return BROKEN;
    note(places, capacity, count++, (struct place){.slot = slot});
  }
  return count;
}

static size_t read_usable(const pym_heap *heap, size_t which,
                          struct place *places, size_t capacity)
{
  (void)which;
  return read_arenas(heap, heap->order.usable_arenas, places, capacity);
}

static size_t read_unused(const pym_heap *heap, size_t which,
                          struct place *places, size_t capacity)
{
  (void)which;
  return read_arenas(heap, heap->unused_arena_objects, places, capacity);
}

/* Pushes the places as one userdata. Returns their number. */
static size_t push_places(lua_State *L, list_reader read, size_t which)
{
  size_t capacity = 0, count;
  lua_pushnil(L);
  for (;;) {
    const pym_heap *heap = binding_check_heap(L, 1);
    count = read(heap, which, lua_touserdata(L, -1), capacity);
    if (count == BROKEN)
      luaL_error(L, "pymalloc: the list is broken: see heap:check()");
    if (count <= capacity)
      return count;
    lua_pop(L, 1);
    capacity = count + MORE_PLACES;
    (void)binding_push_scratch(L, capacity * sizeof(struct place));
  }
}

/* The place is copied each time: making a view may run finalizers. */
static struct place place_at(lua_State *L, int index, size_t number)
{
  const struct place *places = lua_touserdata(L, index);
  if (places == NULL || number >= lua_rawlen(L, index) / sizeof *places)
    luaL_error(L, "pymalloc: the list is gone");
  return places[number]; /* NOLINT: luaL_error does not return */
}

static int push_list(lua_State *L, const struct binding_type *type,
                     list_reader read, size_t which)
{
  size_t count = push_places(L, read, which);
  int places = lua_gettop(L);
  lua_newtable(L);
  for (size_t i = 0; i < count; i++) {
    view_push(L, type, 1, place_at(L, places, i));
    lua_seti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/***
** heap:usedpools(szidx): the used pools of a size class, in list order: the
** first serves the next request.
** @tparam integer szidx counted from 0
** @treturn pymalloc.Pool[]
** @usage heap:usedpools(1)[1] == b:pool() --> true
*/
static int usedpools(lua_State *L)
{
  const pym_heap *heap = binding_check_heap(L, 1);
  lua_Integer szidx = binding_check_integer(L, 2, "heap:usedpools: szidx", 0,
                                            (lua_Integer)heap->class_count - 1);
  return push_list(L, &binding_pool_type, read_usedpools, (size_t)szidx);
}

/***
** heap:usable_arenas(): the arenas that have a free pool, in list order: the
** one with the fewest free pools first.
** @treturn pymalloc.Arena[]
** @usage #heap:usable_arenas() --> 1
*/
static int usable_arenas(lua_State *L)
{
  return push_list(L, &binding_arena_type, read_usable, 0);
}

/***
** heap:unused_arena_objects(): the slots without an arena, in list order: the
** first gets the next arena.
** @treturn pymalloc.Arena[]
** @usage heap:unused_arena_objects()[1].index --> 1
*/
static int unused_arena_objects(lua_State *L)
{
  return push_list(L, &binding_arena_type, read_unused, 0);
}

const luaL_Reg binding_list_methods[] = {
    {"usedpools", usedpools},
    {"usable_arenas", usable_arenas},
    {"unused_arena_objects", unused_arena_objects},
    {NULL, NULL}};
