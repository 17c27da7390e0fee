#include "serve/supply.h"

#include "observe/watch.h"

/* Chains the slots from 'first' on, in ascending order. */
static void chain_slots(pym_heap *heap, size_t first)
{
  for (size_t i = first; i < heap->maxarenas; i++) {
    struct arena_object *slot = &heap->arenas[i];
    *slot = (struct arena_object){
        .nextarena = i + 1 < heap->maxarenas ? slot + 1 : NULL};
  }
  heap->unused_arena_objects = &heap->arenas[first];
}

/*
** Doubles the arenas vector. It may move: no pointer leads into it at this
** time, because usable_arenas and unused_arena_objects are both empty.
*/
static bool grow_arenas(pym_heap *heap)
{
  size_t old_count = heap->maxarenas;
  size_t count = old_count == 0 ? INITIAL_ARENA_OBJECTS : old_count * 2;
  assert(heap->order.usable_arenas == NULL);
  /* GCOVR_EXCL_BR_START: not tested: a vector of 2^32 slots */
  if (count <= old_count || count > UINT32_MAX)
    return false;
  /* GCOVR_EXCL_BR_STOP */
  void *arenas = heap->raw.realloc(heap->raw.context, heap->arenas,
                                   count * sizeof heap->arenas[0]);
  if (arenas == NULL)
    return false;
  watch_heap(heap->watch);
  heap->arenas = arenas;
  heap->maxarenas = count;
  chain_slots(heap, old_count);
  watch_tell_heap(heap->watch, EVENT_ARENAS_GROW);
  return true;
}

static bool may_obtain(const pym_heap *heap)
{
  return heap->allowed_arenas > 0 &&
         heap->narenas_currently_allocated < heap->max_arenas;
}

/* Counts one more arena. Returns its ordinal: 1 for the heap's first. */
static size_t count_arena(pym_heap *heap)
{
  if (heap->allowed_arenas != SIZE_MAX)
    heap->allowed_arenas--;
  heap->narenas_currently_allocated++;
  if (heap->narenas_highwater < heap->narenas_currently_allocated)
    heap->narenas_highwater = heap->narenas_currently_allocated;
  assert(heap->narenas_currently_allocated <= heap->max_arenas);
  assert(heap->narenas_highwater <= heap->ntimes_arena_allocated + 1);
  return ++heap->ntimes_arena_allocated;
}

/* Puts an arena in the first slot of unused_arena_objects. */
static void start_arena(pym_heap *heap, struct arena_object *arena,
                        uintptr_t address)
{
  struct watch *watch = heap->watch;
  assert(arena == heap->unused_arena_objects && !arena_is_open(arena));
  watch_heap(watch);
  watch_arena(watch, arena);
  heap->unused_arena_objects = arena->nextarena;
  arena->nextarena = NULL;
  arena_open(arena, address, &heap->geometry);
  if (heap->loses_pool)
    arena->ntotalpools = --arena->nfreepools;
  arena->serial = count_arena(heap);
  watch_tell_arena(watch, EVENT_ARENA_NEW, arena);
  watch_order(watch, arena, arena->nfreepools);
  order_start(&heap->order, arena);
  watch_tell_arena(watch, EVENT_ARENA_USABLE, arena);
}

/* Obtains an arena. It becomes the only usable one. */
static NOINLINE bool new_arena(pym_heap *heap)
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
  start_arena(heap, arena, slot + heap->geometry.arena_offset);
  return true;
}

void supply_offset_arenas(pym_heap *heap, uint64_t offset)
{
  const pym_geometry *geometry = &heap->geometry;
  heap->loses_pool = geometry->arena_offset == 0 &&
                     geometry_arena_pools(geometry) > 2 &&
                     offset % geometry->pool_bytes != 0;
}

/* Releases an arena of the group 'nfreepools'. */
static NOINLINE void release_arena(pym_heap *heap, struct arena_object *arena,
                                   uint32_t nfreepools)
{
  struct watch *watch = heap->watch;
  assert(arena_is_free(arena) && heap->narenas_currently_allocated > 0);
  watch_forget_pools(watch, arena);
  watch_order(watch, arena, nfreepools);
  order_remove(&heap->order, arena, nfreepools);
  arena->address = 0;
  arena->nextarena = heap->unused_arena_objects;
  heap->unused_arena_objects = arena;
  heap->narenas_currently_allocated--;
  watch_tell_arena(watch, EVENT_ARENA_RELEASE, arena);
  region_release(&heap->region, (size_t)(arena - heap->arenas));
}

/* Does the rule release this arena, all of whose pools have become free? */
static bool goes_back(const pym_heap *heap, const struct arena_object *arena)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (heap->geometry.release) {
  /* GCOVR_EXCL_BR_STOP */
  case PYM_RELEASE_AT_ONCE:
    return true;
  case PYM_RELEASE_KEEP_LAST:
    return arena->nextarena != NULL;
  case PYM_RELEASE_NEVER:
    return false;
  }
  return false;
}

/*
** The next functions are compiled twice: without a watch they do not test it.
*/

/* Takes a pool of the head of usable_arenas. */
static ALWAYS_INLINE struct pool_header *take_pool(pym_heap *heap,
                                                   struct watch *watch)
{
  struct arena_object *arena = heap->order.usable_arenas;
  assert(arena != NULL && !arena_is_full(arena));
  bool is_emptied = arena->freepools != NULL;
  watch_arena(watch, arena);
  struct pool_header *pool =
      arena_take_pool(arena, (size_t)(arena - heap->arenas), &heap->geometry);
  if (is_emptied)
    watch_tell_pool(watch, EVENT_POOL_TAKE, pool);
  else
    watch_tell_carved(watch, EVENT_POOL_CARVE, pool);
  watch_order(watch, arena, arena->nfreepools + 1);
  order_head_took_pool(&heap->order);
  watch_tell_arena(
      watch, arena_is_full(arena) ? EVENT_ARENA_UNUSABLE : EVENT_ARENA_REGROUP,
      arena);
  return pool;
}

/* Initializes a pool that had no class or another one. */
static void init_pool(pym_heap *heap, struct pool_header *pool, size_t szidx,
                      struct watch *watch)
{
  enum event_kind kind =
      pool_is_classless(pool) ? EVENT_POOL_INIT : EVENT_POOL_REUSE_OTHER;
  watch_forget_chain(watch, pool);
  watch_pool(watch, pool);
  pool_init(pool, &heap->geometry, szidx);
  watch_tell_pool(watch, kind, pool);
  watch_pool(watch, pool);
  pool_carve(pool, heap_class_bytes(heap, szidx));
  watch_tell_freed(watch, EVENT_BLOCK_CARVE, pool->freeblock);
}

static ALWAYS_INLINE struct pool_header *obtain(pym_heap *heap,
                                                struct watch *watch)
{
  if (heap->order.usable_arenas == NULL && !new_arena(heap))
    return NULL;
  return take_pool(heap, watch);
}

struct pool_header *supply_pool(pym_heap *heap, size_t szidx)
{
  struct watch *watch = heap->watch;
  assert(szidx < heap->class_count);
  struct pool_header *pool = obtain(heap, watch);
  if (pool == NULL)
    return NULL;
  if (pool->szidx != szidx)
    init_pool(heap, pool, szidx, watch);
  else
    watch_tell_pool(watch, EVENT_POOL_REUSE_SAME, pool);
  return pool;
}

static NOINLINE struct pool_header *obtain_any(pym_heap *heap)
{
  return obtain(heap, NULL);
}

/* The usual case is compiled apart: it calls no function. */
struct pool_header *supply_unset_pool(pym_heap *heap)
{
  const struct arena_object *head = heap->order.usable_arenas;
  if (likely(head != NULL && head->freepools != NULL && head->nfreepools > 1))
    return obtain(heap, NULL);
  return obtain_any(heap);
}

/* The event for the move of an arena that has gained a free pool. */
static enum event_kind gained(const struct arena_object *arena,
                              const struct arena_object *next)
{
  if (arena->nfreepools == 1)
    return EVENT_ARENA_USABLE;
  return arena->nextarena == next ? EVENT_ARENA_REGROUP : EVENT_ARENA_MOVE;
}

static ALWAYS_INLINE void keep_arena(pym_heap *heap, struct arena_object *arena,
                                     struct watch *watch)
{
  const struct arena_object *next = arena->nextarena;
  if (is_watched(watch) && arena_is_free(arena))
    watch_tell_arena(watch, EVENT_ARENA_KEEP_LAST, arena);
  watch_order(watch, arena, arena->nfreepools - 1);
  order_gained_pool(&heap->order, arena);
  if (is_watched(watch))
    watch_tell_arena(watch, gained(arena, next), arena);
}

static ALWAYS_INLINE void take_back(pym_heap *heap, struct pool_header *pool,
                                    struct watch *watch)
{
  struct arena_object *arena = &heap->arenas[pool->arenaindex];
  assert(pool->arenaindex < heap->maxarenas && arena_is_open(arena));
  watch_arena(watch, arena);
  watch_pool(watch, pool);
  arena_give_pool(arena, pool);
  watch_tell_pool(watch, EVENT_POOL_GIVE, pool);
  if (arena_is_free(arena) && goes_back(heap, arena))
    release_arena(heap, arena, arena->nfreepools - 1);
  else
    keep_arena(heap, arena, watch);
}

static NOINLINE void take_back_any(pym_heap *heap, struct pool_header *pool)
{
  if (!is_watched(heap->watch))
    take_back(heap, pool, NULL);
  else
    take_back(heap, pool, heap->watch);
}

void supply_take_back(pym_heap *heap, struct pool_header *pool)
{
  if (likely(!is_watched(heap->watch) && !heap->order.count_hops))
    take_back(heap, pool, NULL);
  else
    take_back_any(heap, pool);
}

void supply_release_kept(pym_heap *heap)
{
  if (heap->geometry.release != PYM_RELEASE_KEEP_LAST)
    return;
  for (size_t i = 0; i < heap->maxarenas; i++) {
    struct arena_object *arena = heap_arena(heap, i);
    if (arena != NULL && arena_is_free(arena))
      release_arena(heap, arena, arena->nfreepools);
  }
}
