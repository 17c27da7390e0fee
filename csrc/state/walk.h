/*
** A read-only visit of everything, from a heap downwards. Nothing is
** allocated, and no link is followed that has not been validated: a damaged
** heap can be walked.
**
** Tested by spec/unit/walk_spec.lua.
*/
#ifndef WALK_H
#define WALK_H

#include "state/heap.h"

/* The next open arena from 'slot' on, or NULL; sets '*slot' behind it. */
struct arena_object *walk_next_arena(const pym_heap *heap, size_t *slot);

/* The first carved pool of an arena, or NULL. */
struct pool_header *walk_first_pool(const pym_heap *heap,
                                    const struct arena_object *arena);

/* The carved pool behind another one, or NULL. */
struct pool_header *walk_next_pool(const pym_heap *heap,
                                   const struct arena_object *arena,
                                   const struct pool_header *pool);

/* Is it the address of a slot of the arenas vector? */
bool walk_is_slot(const pym_heap *heap, const struct arena_object *slot);

/* Is it the address of a carved pool of an open arena? */
bool walk_is_pool(const pym_heap *heap, const struct pool_header *pool);

/* Has the pool a size class of this heap? */
static inline bool walk_has_class(const pym_heap *heap,
                                  const struct pool_header *pool)
{
  return pool->szidx < heap->class_count;
}

/* Is the address that of a carved block of the pool, which has a class? */
bool walk_is_block(const pym_heap *heap, const struct pool_header *pool,
                   const block *candidate);

/*
** The free block that a link of the pool leads to: NULL at the chain's end,
** and NULL where the link is no block of the pool.
*/
block *walk_free_block(const pym_heap *heap, const struct pool_header *pool,
                       block *link);

/* Where a search through the cache stands; begins as {0}. */
struct walk_cached {
  size_t bin, index;
};

/* The next block of the pool that the heap's cache keeps, or NULL. */
const block *walk_next_cached(const pym_heap *heap,
                              const struct pool_header *pool,
                              struct walk_cached *at);

/* Live blocks of all pools. */
size_t walk_live_blocks(const pym_heap *heap);

/* Describes a pool. */
pym_pool_info walk_pool_info(const pym_heap *heap,
                             const struct arena_object *arena,
                             const struct pool_header *pool);

#endif
