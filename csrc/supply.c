#include "supply.h"

/* Chains the slots from 'first' on, in ascending order. */
static void chain_slots(pym_heap *heap, size_t first)
{
  for (size_t i = first; i < heap->maxarenas; i++) {
    struct arena_object *slot = &heap->arenas[i];
    slot->address = 0;
    slot->nextarena = i + 1 < heap->maxarenas ? slot + 1 : NULL;
  }
  heap->unused_arena_objects = &heap->arenas[first];
}

/*
** Doubles the vector, which may move: nothing points into it now, because no
** arena is usable and no slot unused.
*/
static bool grow_arenas(pym_heap *heap)
{
  size_t old_count = heap->maxarenas;
  size_t count = old_count == 0 ? INITIAL_ARENA_OBJECTS : old_count * 2;
  assert(heap->order.usable_arenas == NULL);
  if (count <= old_count || count > UINT32_MAX)
    return false;
  void *arenas = heap->raw.realloc(heap->raw.context, heap->arenas,
                                   count * sizeof heap->arenas[0]);
  if (arenas == NULL)
    return false;
  heap->arenas = arenas;
  heap->maxarenas = count;
  chain_slots(heap, old_count);
  return true;
}

static bool may_obtain(const pym_heap *heap)
{
  return heap->allowed_arenas > 0 &&
         heap->narenas_currently_allocated < heap->max_arenas;
}

/* Counts one more arena; returns which of the heap's life it is. */
static size_t count_arena(pym_heap *heap)
{
  if (heap->allowed_arenas != SIZE_MAX)
    heap->allowed_arenas--;
  heap->narenas_currently_allocated++;
  if (heap->narenas_highwater < heap->narenas_currently_allocated)
    heap->narenas_highwater = heap->narenas_currently_allocated;
  return ++heap->ntimes_arena_allocated;
}

/* Obtains an arena, which becomes the only usable one. */
static bool new_arena(pym_heap *heap)
{
  if (heap->unused_arena_objects == NULL && !grow_arenas(heap))
    return false;
  struct arena_object *arena = heap->unused_arena_objects;
  uintptr_t slot =
      may_obtain(heap)
          ? region_obtain(&heap->region, (size_t)(arena - heap->arenas))
          : 0;
  if (slot == 0)
    return false;
  heap->unused_arena_objects = arena->nextarena;
  arena_open(arena, slot + heap->geometry.arena_offset, &heap->geometry);
  arena->serial = count_arena(heap);
  order_start(&heap->order, arena);
  return true;
}

static void release_arena(pym_heap *heap, struct arena_object *arena)
{
  order_remove(&heap->order, arena);
  arena->address = 0;
  arena->nextarena = heap->unused_arena_objects;
  heap->unused_arena_objects = arena;
  heap->narenas_currently_allocated--;
  region_release(&heap->region, (size_t)(arena - heap->arenas));
}

/* Does the release rule give back an arena that has become all free? */
static bool goes_back(const pym_heap *heap, const struct arena_object *arena)
{
  switch (heap->geometry.release) {
  case PYM_RELEASE_AT_ONCE:
    return true;
  case PYM_RELEASE_KEEP_LAST:
    return arena->nextarena != NULL;
  case PYM_RELEASE_NEVER:
    return false;
  }
  return false;
}

struct pool_header *supply_pool(pym_heap *heap, size_t szidx)
{
  if (heap->order.usable_arenas == NULL && !new_arena(heap))
    return NULL;
  struct arena_object *arena = heap->order.usable_arenas;
  struct pool_header *pool =
      arena_take_pool(arena, (size_t)(arena - heap->arenas), &heap->geometry);
  order_head_took_pool(&heap->order);
  if (pool->szidx != szidx)
    pool_init(pool, &heap->geometry, szidx);
  return pool;
}

void supply_take_back(pym_heap *heap, struct pool_header *pool)
{
  struct arena_object *arena = &heap->arenas[pool->arenaindex];
  arena_give_pool(arena, pool);
  if (arena_is_free(arena) && goes_back(heap, arena))
    release_arena(heap, arena);
  else
    order_gained_pool(&heap->order, arena);
}
