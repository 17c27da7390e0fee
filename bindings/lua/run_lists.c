/*
** Reads the lists of a run's heap, all in one call, for pictures of the whole
** heap.
**
** The result is a string of bytes, not a table of views: a heap may have a
** million pools. It is written to a userdata of the size that was counted before,
** and counted again if the heap has changed: making a userdata may run
** finalizers, which may move the run.
*/
#include "argument.h"
#include "run_type.h"
#include "state/walk.h"

#define NONE UINT64_MAX /* -1 as an integer of Lua */

/* Integers of Lua; those beyond the room are counted only. */
struct numbers {
  lua_Integer *items;
  size_t count, room;
};

static void put(struct numbers *numbers, uint64_t value)
{
  if (numbers->count < numbers->room)
    numbers->items[numbers->count] = (lua_Integer)value;
  numbers->count++;
}

/* The most elements of each list that are written, and the first arena's slot. */
struct limits {
  size_t arenas, items, first;
};

static size_t least(size_t one, size_t other)
{
  return one < other ? one : other;
}

static size_t slot_of(const pym_heap *heap, const struct arena_object *arena)
{
  return (size_t)(arena - heap->arenas);
}

/* The slot of a neighbour, or NONE. */
static uint64_t neighbour(const pym_heap *heap,
                          const struct arena_object *arena)
{
  return walk_is_slot(heap, arena) ? slot_of(heap, arena) : NONE;
}

/* The offset of a pool from the first pool of its arena. */
static size_t offset_of(const pym_heap *heap, const struct arena_object *arena,
                        const void *pool)
{
  return (uintptr_t)pool - arena_first_pool(arena, &heap->geometry);
}

/* The length of freepools, and its first elements. */
static void put_free_pools(struct numbers *numbers, const pym_heap *heap,
                           const struct arena_object *arena, size_t most)
{
  size_t carved =
      offset_of(heap, arena, arena->pool_address) / heap->geometry.pool_bytes;
  size_t count = arena->nfreepools - (arena->ntotalpools - carved);
  const struct pool_header *pool = arena->freepools;
  put(numbers, count);
  put(numbers, least(count, most));
  for (size_t i = 0; i < least(count, most); i++, pool = pool->nextpool) {
    assert(walk_is_pool(heap, pool)); /* by [arena.free_pools] */
    put(numbers, offset_of(heap, arena, pool));
  }
}

static void put_arena(struct numbers *numbers, const pym_heap *heap,
                      const struct arena_object *arena, size_t most)
{
  bool is_full = arena_is_full(arena);
  put(numbers, slot_of(heap, arena));
  put(numbers, arena->nfreepools);
  put(numbers, arena->ntotalpools);
  put(numbers, offset_of(heap, arena, arena->pool_address));
  put(numbers, is_full ? NONE : neighbour(heap, arena->nextarena));
  put(numbers, is_full ? NONE : neighbour(heap, arena->prevarena));
  put(numbers, arena->serial);
  put_free_pools(numbers, heap, arena, most);
}

static size_t arenas_from(const pym_heap *heap, size_t slot)
{
  size_t count = 0;
  while (walk_next_arena(heap, &slot) != NULL)
    count++;
  return count;
}

static void put_arenas(struct numbers *numbers, const pym_heap *heap,
                       const struct limits *limits)
{
  size_t slot = limits->first, count = arenas_from(heap, slot);
  put(numbers, count);
  put(numbers, least(count, limits->arenas));
  for (size_t i = 0; i < least(count, limits->arenas); i++)
    put_arena(numbers, heap, walk_next_arena(heap, &slot), limits->items);
}

/* A list of slots, linked by nextarena. */
static void put_slots(struct numbers *numbers, const pym_heap *heap,
                      const struct arena_object *first, size_t most)
{
  size_t count = 0;
  const struct arena_object *arena = first;
  for (; arena != NULL; arena = arena->nextarena)
    count++;
  put(numbers, count);
  put(numbers, least(count, most));
  arena = first;
  for (size_t i = 0; i < least(count, most); i++, arena = arena->nextarena)
    put(numbers, slot_of(heap, arena));
}

/* The pools of a ring: the class, their number, and the place of each. */
static void put_ring(struct numbers *numbers, const pym_heap *heap,
                     size_t szidx, size_t most)
{
  size_t count = 0;
  const struct pool_header *ring = &heap->usedpools[szidx];
  const struct pool_header *pool = ring->nextpool;
  for (; pool != ring; pool = pool->nextpool)
    count++;
  put(numbers, szidx);
  put(numbers, count);
  put(numbers, least(count, most));
  pool = ring->nextpool;
  for (size_t i = 0; i < least(count, most); i++, pool = pool->nextpool) {
    put(numbers, pool->arenaindex);
    put(numbers, offset_of(heap, &heap->arenas[pool->arenaindex], pool));
  }
}

static void put_rings(struct numbers *numbers, const pym_heap *heap,
                      size_t most)
{
  size_t count = 0;
  for (size_t i = 0; i < heap->class_count; i++)
    count += heap->usedpools[i].nextpool != &heap->usedpools[i];
  put(numbers, count);
  for (size_t i = 0; i < heap->class_count; i++)
    if (heap->usedpools[i].nextpool != &heap->usedpools[i])
      put_ring(numbers, heap, i, most);
}

static void put_lists(struct numbers *numbers, const pym_heap *heap,
                      const struct limits *limits)
{
  put_arenas(numbers, heap, limits);
  put_slots(numbers, heap, heap->order.usable_arenas, limits->items);
  put_slots(numbers, heap, heap->unused_arena_objects, limits->items);
  put_rings(numbers, heap, limits->items);
}

/*
** run.lists(run, arenas, items, first): the lists of the heap, as a string of
** integers of Lua. Each list begins with its length and the number of elements
** that follow, at most 'arenas' or 'items':
**
**   arenas    from slot 'first' on: slot, nfreepools, ntotalpools, offset of
**             pool_address, nextarena, prevarena (slots, or -1), serial, and
**             freepools (offsets)
**   usable_arenas, unused_arena_objects    slots
**   usedpools the number of classes with used pools; for each the class, and a
**             list of slots with offsets
*/
static int lists(lua_State *L)
{
  struct limits limits = {
      .arenas = binding_check_size(L, 2, "run.lists: arenas"),
      .items = binding_check_size(L, 3, "run.lists: items"),
      .first = binding_check_size(L, 4, "run.lists: first")};
  lua_settop(L, 4);
  for (size_t room = 0;;) {
    struct numbers numbers = {.room = room};
    numbers.items = binding_push_scratch(L, room * sizeof numbers.items[0]);
    put_lists(&numbers, binding_check_run(L)->heap, &limits);
    if (numbers.count <= room) {
      lua_pushlstring(L, (const char *)numbers.items,
                      numbers.count * sizeof numbers.items[0]);
      return 1;
    }
    room = numbers.count;
    lua_settop(L, 4);
  }
}

static const luaL_Reg functions[] = {{"lists", lists}, {NULL, NULL}};

void binding_set_run_lists(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
