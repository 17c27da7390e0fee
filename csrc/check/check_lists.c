/*
** Checks the lists of pools and of arenas. Each member of a list must have the
** state that belongs there, no list may be longer than the number of pools or
** arenas in that state, and their number must be equal: then the list has
** exactly these members.
*/
#include "check/check.h"

static size_t slot_of(const struct check *check,
                      const struct arena_object *arena)
{
  return (size_t)(arena - check->heap->arenas);
}

/* [used.links] and [used.members] of one ring. Counts its members. */
static bool check_ring(struct check *check, size_t szidx, size_t *count)
{
  const struct pool_header *ring = &check->heap->usedpools[szidx];
  const struct pool_header *pool = ring->nextpool, *previous = ring;
  for (; pool != ring; previous = pool, pool = pool->nextpool) {
    if (!walk_is_pool(check->heap, pool))
      return check_fail(check, USED_LINKS,
                        "usedpools[%zu] leads to %p, which is not a pool",
                        szidx, (const void *)pool);
    if (pool->prevpool != previous)
      return check_fail(check, USED_LINKS,
                        "usedpools[%zu]: prevpool of the pool at %p is not "
                        "the pool before it",
                        szidx, (const void *)pool);
    if (pool->szidx != szidx || pool_state(pool) != PYM_POOL_USED)
      return check_fail(check, USED_MEMBERS,
                        "usedpools[%zu] has a pool of class %u with %u live "
                        "blocks that is not in use",
                        szidx, pool->szidx, pool->ref.count);
    /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
       alone: another check reports it first */
    if (++*count > check->used_pools)
      return check_fail(check, USED_MEMBERS,
                        "usedpools holds more than the %zu used pools",
                        check->used_pools);
    /* GCOVR_EXCL_BR_STOP */
  }
  if (ring->prevpool != previous)
    return check_fail(check, USED_LINKS,
                      "usedpools[%zu]: the last pool is not the ring's "
                      "prevpool",
                      szidx);
  return true;
}

/* [used.members] */
static bool check_rings(struct check *check)
{
  size_t count = 0;
  for (size_t szidx = 0; szidx < check->heap->class_count; szidx++)
    if (!check_ring(check, szidx, &count))
      return false;
  if (count != check->used_pools)
    return check_fail(check, USED_MEMBERS,
                      "usedpools holds %zu of the %zu used pools", count,
                      check->used_pools);
  return true;
}

/* [usable.links], [usable.sorted] and what a member must be. */
static bool check_usable_link(struct check *check,
                              const struct arena_object *arena,
                              const struct arena_object *previous)
{
  if (!walk_is_slot(check->heap, arena))
    return check_fail(check, USABLE_LINKS,
                      "usable_arenas leads to %p, which is not a slot",
                      (const void *)arena);
  if (arena->prevarena != previous)
    return check_fail(check, USABLE_LINKS,
                      "prevarena of arena %zu is not the arena before it",
                      slot_of(check, arena));
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (!arena_is_open(arena) || arena_is_full(arena))
    return check_fail(check, USABLE_MEMBERS,
                      "arena %zu is on usable_arenas without a free pool",
                      slot_of(check, arena));
  /* GCOVR_EXCL_BR_STOP */
  if (previous != NULL && previous->nfreepools > arena->nfreepools)
    return check_fail(check, USABLE_SORTED,
                      "arena %zu with %u free pools comes before arena %zu "
                      "with %u",
                      slot_of(check, previous), previous->nfreepools,
                      slot_of(check, arena), arena->nfreepools);
  return true;
}

/* [usable.lasts] for the group that ends with 'arena'. */
static bool check_last(struct check *check, const struct arena_object *arena)
{
  const struct arena_object *next = arena->nextarena;
  const struct arena_object *last =
      check->heap->order.nfp2lasta[arena->nfreepools];
  if (next != NULL && !walk_is_slot(check->heap, next))
    return true; /* check_usable_link reports it in the next round */
  bool ends_group = next == NULL || next->nfreepools != arena->nfreepools;
  if (ends_group && last != arena)
    return check_fail(check, USABLE_LASTS,
                      "nfp2lasta[%u] is not arena %zu, the last of its group",
                      arena->nfreepools, slot_of(check, arena));
  return true;
}

/* [usable.lasts] for the groups that have no arena. */
static bool check_no_last(struct check *check)
{
  size_t pools = geometry_arena_pools(&check->heap->geometry);
  for (size_t n = 0; n <= pools; n++) {
    const struct arena_object *last = check->heap->order.nfp2lasta[n];
    if (last != NULL &&
        (!walk_is_slot(check->heap, last) || !arena_is_open(last) ||
         last->nfreepools != n || n == 0))
      return check_fail(check, USABLE_LASTS,
                        "nfp2lasta[%zu] is set, but not to an arena with %zu "
                        "free pools",
                        n, n);
  }
  return true;
}

/* [usable.members] */
static bool check_usable(struct check *check)
{
  const pym_heap *heap = check->heap;
  const struct arena_object *arena = heap->order.usable_arenas;
  const struct arena_object *previous = NULL;
  size_t length = 0, wanted = 0, slot = 0;
  const struct arena_object *open;
  while ((open = walk_next_arena(heap, &slot)) != NULL)
    wanted += !arena_is_full(open);
  for (; arena != NULL; previous = arena, arena = arena->nextarena, length++) {
    if (length == wanted)
      return check_fail(check, USABLE_MEMBERS,
                        "usable_arenas has more than the %zu arenas with a "
                        "free pool",
                        wanted);
    if (!check_usable_link(check, arena, previous) || !check_last(check, arena))
      return false;
  }
  if (length != wanted)
    return check_fail(check, USABLE_MEMBERS,
                      "usable_arenas has %zu of the %zu arenas with a free "
                      "pool",
                      length, wanted);
  return check_no_last(check);
}

/* [unused.members] */
static bool check_unused(struct check *check)
{
  const pym_heap *heap = check->heap;
  const struct arena_object *slot = heap->unused_arena_objects;
  size_t length = 0, wanted = 0;
  for (size_t i = 0; i < heap->maxarenas; i++)
    wanted += !arena_is_open(&heap->arenas[i]);
  for (; slot != NULL; slot = slot->nextarena, length++) {
    if (length == wanted)
      return check_fail(check, UNUSED_MEMBERS,
                        "unused_arena_objects has more than the %zu slots "
                        "without an arena",
                        wanted);
    if (!walk_is_slot(heap, slot) || arena_is_open(slot))
      return check_fail(check, UNUSED_MEMBERS,
                        "unused_arena_objects leads to %p, which is not a slot "
                        "without an arena",
                        (const void *)slot);
  }
  if (length != wanted)
    return check_fail(check, UNUSED_MEMBERS,
                      "unused_arena_objects has %zu of the %zu slots without "
                      "an arena",
                      length, wanted);
  return true;
}

bool check_lists(struct check *check)
{
  return check_rings(check) && check_usable(check) && check_unused(check);
}
