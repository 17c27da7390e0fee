#include "check/link_check.h"

/* The place of a pool in a message: "pool 4096 of arena 0". */
#define POOL_PLACE "pool %zu of arena %zu: "
#define PLACE_OF(info) (info)->offset, (info)->arena

static pym_pool_info info_of(const pym_heap *heap,
                             const struct pool_header *pool)
{
  return walk_pool_info(heap, &heap->arenas[heap_slot_of(heap, pool)], pool);
}

/* [pool.chain] of the first two links: taking a block follows these. */
static bool check_front(struct check *check, const struct pool_header *pool,
                        const pym_pool_info *info)
{
  const block *front = pool->freeblock;
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (front == NULL || !walk_is_block(check->heap, pool, front))
    return check_fail(check, POOL_CHAIN,
                      POOL_PLACE "freeblock is %p, which is not a carved block "
                                 "of it",
                      PLACE_OF(info), (const void *)front);
  /* GCOVR_EXCL_BR_STOP */
  const block *next = block_link(front);
  if (next == front ||
      (next != NULL && !walk_is_block(check->heap, pool, next)))
    return check_fail(check, POOL_CHAIN,
                      POOL_PLACE "the free block at %zu leads to %p, which is "
                                 "not another carved block of it",
                      PLACE_OF(info), (uintptr_t)front - (uintptr_t)pool,
                      (const void *)next);
  return true;
}

/* [used.links] of one pool: both neighbours must link back to it. */
static bool check_neighbours(struct check *check,
                             const struct pool_header *pool,
                             const pym_pool_info *info)
{
  const pym_heap *heap = check->heap;
  const struct pool_header *ring = &heap->usedpools[pool->szidx];
  const struct pool_header *next = pool->nextpool, *previous = pool->prevpool;
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if ((next != ring && !walk_is_pool(heap, next)) || next->prevpool != pool)
    return check_fail(check, USED_LINKS,
                      POOL_PLACE "nextpool is %p, which does not lead back",
                      PLACE_OF(info), (const void *)next);
  if ((previous != ring && !walk_is_pool(heap, previous)) ||
      previous->nextpool != pool)
    return check_fail(check, USED_LINKS,
                      POOL_PLACE "prevpool is %p, which does not lead back",
                      PLACE_OF(info), (const void *)previous);
  /* GCOVR_EXCL_BR_STOP */
  return true;
}

/* Checks the first used pool of a class, from which a block will be taken. */
static bool check_used(struct check *check, const struct pool_header *pool,
                       size_t szidx)
{
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (!walk_is_pool(check->heap, pool))
    return check_fail(check, USED_LINKS,
                      "usedpools[%zu] leads to %p, which is not a pool", szidx,
                      (const void *)pool);
  /* GCOVR_EXCL_BR_STOP */
  pym_pool_info info = info_of(check->heap, pool);
  if (pool->szidx != szidx || info.state != PYM_POOL_USED)
    return check_fail(check, USED_MEMBERS,
                      POOL_PLACE "it is first in usedpools[%zu], but of class "
                                 "%u with %u live blocks",
                      PLACE_OF(&info), szidx, pool->szidx, pool->ref.count);
  return check_header(check, pool, &info) && check_front(check, pool, &info) &&
         check_neighbours(check, pool, &info);
}

/*
** Can the link stand in freepools of the arena: NULL, or an empty pool of it?
*/
static bool is_freepool(const pym_heap *heap, const struct arena_object *arena,
                        const struct pool_header *pool)
{
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return pool == NULL || (walk_is_pool(heap, pool) && pool_is_empty(pool) &&
                          &heap->arenas[heap_slot_of(heap, pool)] == arena);
  /* GCOVR_EXCL_BR_STOP */
}

/* Checks the arena from which a pool will be taken, and that pool. */
static bool check_supply(struct check *check, const struct arena_object *arena,
                         size_t szidx)
{
  const struct pool_header *pool = arena->freepools;
  size_t slot = (size_t)(arena - check->heap->arenas);
  if (!is_freepool(check->heap, arena, pool) ||
      (pool != NULL && !is_freepool(check->heap, arena, pool->nextpool)))
    return check_fail(check, ARENA_EMPTY,
                      "arena %zu: freepools leads to %p, which is not an empty "
                      "pool of it or leads to none",
                      slot, (const void *)pool);
  if (pool == NULL)
    return true;
  pym_pool_info info = info_of(check->heap, pool);
  return check_header(check, pool, &info) &&
         (pool->szidx != szidx || check_front(check, pool, &info));
}

bool link_check_may_take(struct check *check, size_t szidx,
                         const block **candidate)
{
  const struct pool_header *ring = &check->heap->usedpools[szidx];
  const struct pool_header *pool = ring->nextpool;
  const struct arena_object *arena = check->heap->order.usable_arenas;
  assert(szidx < check->heap->class_count);
  *candidate = NULL;
  if (pool != ring) {
    if (!check_used(check, pool, szidx))
      return false;
    *candidate = pool->freeblock;
    return true;
  }
  if (arena == NULL) /* a new one will be obtained? */
    return true;
  if (!check_supply(check, arena, szidx))
    return false;
  if (arena->freepools != NULL && arena->freepools->szidx == szidx)
    *candidate = arena->freepools->freeblock;
  return true;
}

/* Checks that an address is a block of its pool and not yet on the chain. */
static bool check_freed(struct check *check, const struct pool_header *pool,
                        const pym_pool_info *info, const block *freed)
{
  size_t offset = (uintptr_t)freed - (uintptr_t)pool;
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (!walk_is_block(check->heap, pool, freed))
    return check_fail(check, POOL_CHAIN,
                      POOL_PLACE "no carved block of it begins at offset %zu",
                      PLACE_OF(info), offset);
  /* GCOVR_EXCL_BR_STOP */
  for (const block *link = pool->freeblock; link != NULL;
       link = block_link(link))
    /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
       alone: another check reports it first */
    if (link == freed)
      return check_fail(check, POOL_CHAIN,
                        POOL_PLACE "the block at %zu is on the free chain "
                                   "already",
                        PLACE_OF(info), offset);
  /* GCOVR_EXCL_BR_STOP */
  return true;
}

/* Checks the first pool of a ring, in front of which one will be linked. */
static bool check_ring_front(struct check *check,
                             const struct pool_header *ring)
{
  const struct pool_header *first = ring->nextpool;
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (first == ring ||
      (walk_is_pool(check->heap, first) && first->prevpool == ring))
    return true;
  /* GCOVR_EXCL_BR_STOP */
  return check_fail(check, USED_LINKS,
                    "usedpools[%td] leads to %p, which does not lead back",
                    ring - check->heap->usedpools, (const void *)first);
}

bool link_check_may_give(struct check *check, const block *freed)
{
  const pym_heap *heap = check->heap;
  const struct pool_header *pool = heap_find_pool(heap, freed);
  if (!heap_owns(heap, freed))
    return true;
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (pool == NULL)
    return check_fail(check, POOL_CHAIN,
                      "%p is in the heap's region, but in no carved pool",
                      (const void *)freed);
  /* GCOVR_EXCL_BR_STOP */
  pym_pool_info info = info_of(heap, pool);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (!check_pool(check, pool, &info) ||
      !check_freed(check, pool, &info, freed))
    return false;
  /* GCOVR_EXCL_BR_STOP */
  if (pool_is_full(pool))
    return check_ring_front(check, &heap->usedpools[pool->szidx]);
  return check_neighbours(check, pool, &info);
}
