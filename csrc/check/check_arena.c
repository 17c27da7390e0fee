/*
** The invariants of one arena and of the pools in it.
*/
#include "check/check.h"

static size_t slot_of(const struct check *check,
                      const struct arena_object *arena)
{
  return (size_t)(arena - check->heap->arenas);
}

/* The place of a pool in a message: "pool 4096 of arena 0". */
#define POOL_PLACE "pool %zu of arena %zu: "
#define PLACE_OF(info) (info)->offset, (info)->arena

/* [region.place] and [arena.extent] */
static bool check_extent(struct check *check, const struct arena_object *arena)
{
  const pym_geometry *geometry = &check->heap->geometry;
  size_t slot = slot_of(check, arena);
  uintptr_t place = check->heap->region.base + slot * geometry->arena_bytes +
                    geometry->arena_offset;
  uintptr_t first = align_up(place, geometry->pool_bytes);
  size_t pools = geometry_arena_pools(geometry), own = arena->ntotalpools;
  size_t carved = (uintptr_t)arena->pool_address - first;
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (slot >= check->heap->region.slot_count || arena->address != place)
    return check_fail(check, REGION_PLACE,
                      "arena %zu lies at %#zx; its slot is at %#zx", slot,
                      (size_t)arena->address, (size_t)place);
  /* GCOVR_EXCL_BR_STOP */
  if (own == pools - 1 && pools > 2 && geometry->arena_offset == 0)
    pools = own; /* supply_offset_arenas */
  if (own != pools || carved % geometry->pool_bytes != 0 ||
      carved / geometry->pool_bytes > pools)
    return check_fail(check, ARENA_EXTENT,
                      "arena %zu: ntotalpools is %u, pool_address %td bytes "
                      "behind its first pool; there are %zu pools of %zu",
                      slot, arena->ntotalpools, (ptrdiff_t)carved, pools,
                      geometry->pool_bytes);
  return true;
}

/* [pool.arena] and [pool.class] */
bool check_header(struct check *check, const struct pool_header *pool,
                  const pym_pool_info *info)
{
  const pym_geometry *geometry = &check->heap->geometry;
  size_t first = geometry_header_bytes(geometry);
  if (pool->arenaindex != info->arena)
    return check_fail(check, POOL_ARENA, POOL_PLACE "arenaindex is %u",
                      PLACE_OF(info), pool->arenaindex);
  if (!walk_has_class(check->heap, pool))
    return check_fail(check, POOL_CLASS,
                      POOL_PLACE "szidx is %u; there are %zu classes",
                      PLACE_OF(info), pool->szidx, check->heap->class_count);
  if (pool->maxnextoffset != geometry->pool_bytes - info->block_bytes ||
      pool->nextoffset > geometry->pool_bytes || pool->nextoffset < first ||
      (pool->nextoffset - first) % info->block_bytes != 0)
    return check_fail(check, POOL_CLASS,
                      POOL_PLACE "nextoffset is %u and maxnextoffset %u, "
                                 "which cannot be with blocks of %zu bytes",
                      PLACE_OF(info), pool->nextoffset, pool->maxnextoffset,
                      info->block_bytes);
  return true;
}

/* [pool.chain]; '*length' receives the number of blocks on the chain. */
static bool check_chain(struct check *check, const struct pool_header *pool,
                        const pym_pool_info *info, size_t *length)
{
  block *link = pool->freeblock;
  assert(walk_has_class(check->heap, pool)); /* check_header has seen to it */
  for (*length = 0; link != NULL; (*length)++) {
    if (walk_free_block(check->heap, pool, link) == NULL)
      return check_fail(check, POOL_CHAIN,
                        POOL_PLACE "link %zu of the free chain leads to %p, "
                                   "which is not a carved block of it",
                        PLACE_OF(info), *length, (void *)link);
    if (*length > info->capacity)
      return check_fail(check, POOL_CHAIN,
                        POOL_PLACE "the free chain runs in a circle",
                        PLACE_OF(info));
    link = block_link(link);
  }
  return true;
}

/* [pool.ready] and [pool.count] */
static bool check_blocks(struct check *check, const struct pool_header *pool,
                         const pym_pool_info *info)
{
  size_t first = geometry_header_bytes(&check->heap->geometry);
  size_t carved = (pool->nextoffset - first) / info->block_bytes;
  size_t free_count;
  assert(carved <= info->capacity); /* check_header has seen to it */
  if (!check_chain(check, pool, info, &free_count))
    return false;
  if (pool_is_full(pool) && carved < info->capacity)
    return check_fail(check, POOL_READY,
                      POOL_PLACE "freeblock is NULL, but only %zu of %zu "
                                 "blocks were carved",
                      PLACE_OF(info), carved, info->capacity);
  if (pool->ref.count + free_count != carved)
    return check_fail(check, POOL_COUNT,
                      POOL_PLACE "ref.count is %u and %zu blocks are on the "
                                 "free chain, but %zu were carved",
                      PLACE_OF(info), pool->ref.count, free_count, carved);
  return true;
}

bool check_pool(struct check *check, const struct pool_header *pool,
                const pym_pool_info *info)
{
  return check_header(check, pool, info) && check_blocks(check, pool, info);
}

/* [arena.empty]: compares freepools with the number of empty pools found. */
static bool check_freepools(struct check *check,
                            const struct arena_object *arena,
                            size_t empty_count)
{
  const struct pool_header *pool = arena->freepools;
  size_t slot = slot_of(check, arena), length = 0;
  for (; pool != NULL; pool = pool->nextpool, length++) {
    if (length == empty_count)
      return check_fail(check, ARENA_EMPTY,
                        "arena %zu: freepools has more than its %zu empty "
                        "pools",
                        slot, empty_count);
    if (!walk_is_pool(check->heap, pool) ||
        heap_slot_of(check->heap, pool) != slot || !pool_is_empty(pool))
      return check_fail(
          check, ARENA_EMPTY,
          "arena %zu: freepools leads to %p, which is not an empty "
          "pool of it",
          slot, (const void *)pool);
  }
  if (length != empty_count)
    return check_fail(check, ARENA_EMPTY,
                      "arena %zu: freepools has %zu of its %zu empty pools",
                      slot, length, empty_count);
  return true;
}

/* [arena.free_pools] */
static bool check_free_count(struct check *check,
                             const struct arena_object *arena,
                             size_t empty_count)
{
  uintptr_t first = arena_first_pool(arena, &check->heap->geometry);
  size_t carved = ((uintptr_t)arena->pool_address - first) /
                  check->heap->geometry.pool_bytes;
  size_t virgin = arena->ntotalpools - carved;
  assert(carved <= arena->ntotalpools); /* check_extent has seen to it */
  if (arena->nfreepools != empty_count + virgin)
    return check_fail(check, ARENA_FREE_POOLS,
                      "arena %zu: nfreepools is %u, but %zu pools are empty "
                      "and %zu never carved",
                      slot_of(check, arena), arena->nfreepools, empty_count,
                      virgin);
  return true;
}

bool check_arena(struct check *check, const struct arena_object *arena)
{
  size_t empty_count = 0;
  assert(arena_is_open(arena));
  if (!check_extent(check, arena))
    return false;
  const struct pool_header *pool = walk_first_pool(check->heap, arena);
  for (; pool != NULL; pool = walk_next_pool(check->heap, arena, pool)) {
    pym_pool_info info = walk_pool_info(check->heap, arena, pool);
    if (!check_pool(check, pool, &info))
      return false;
    empty_count += pool_state(pool) == PYM_POOL_EMPTY;
    check->used_pools += pool_state(pool) == PYM_POOL_USED;
  }
  return check_freepools(check, arena, empty_count) &&
         check_free_count(check, arena, empty_count);
}
