/*
** A read-only visit of the arenas, pools and blocks of a heap. It allocates
** nothing, and follows a link only after it has checked where the link leads.
** So a damaged heap can be walked too.
**
** Tested by spec/unit/walk_spec.lua.
*/
#ifndef WALK_H
#define WALK_H

#include "state/loan.h"

/* The next open arena from '*slot' on, or NULL. Moves '*slot' behind it. */
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

/* Does the pool have a size class of this heap? */
static inline bool walk_has_class(const pym_heap *heap,
                                  const struct pool_header *pool)
{
  return pool->szidx < heap->class_count;
}

/* Is the address that of a carved block of the pool, which has a class? */
bool walk_is_block(const pym_heap *heap, const struct pool_header *pool,
                   const block *candidate);

/*
** The free block to which a link of the pool leads; NULL at the end of the
** chain, and NULL if the link leads to no block of the pool.
*/
block *walk_free_block(const pym_heap *heap, const struct pool_header *pool,
                       block *link);

/* The position of a walk over free blocks; it starts as {0}. */
struct walk_free {
  const block *last;
  size_t index;
};

/*
** The next free block of a pool that has a class: in the order of its chain, or
** of the addresses if it is lent. NULL: there is no further one. '*is_damaged'
** tells that the chain has led to an address that is no block of the pool, or
** has more blocks than the pool; that address is the result.
*/
const block *walk_next_free(const pym_heap *heap,
                            const struct pool_header *pool,
                            struct walk_free *at, bool *is_damaged);

/* The position of a search through the cache; it starts as {0}. */
struct walk_cached {
  size_t bin, index;
};

/* The next block of the pool that the heap's cache keeps, or NULL. */
const block *walk_next_cached(const pym_heap *heap,
                              const struct pool_header *pool,
                              struct walk_cached *at);

/* The number of live blocks in all pools; the cache's blocks count as live. */
size_t walk_live_blocks(const pym_heap *heap);

/*
** The pool to which the link 'nextpool' or 'prevpool' of a pool leads; NULL at
** the end of its list, and where its state leaves the link stale. A list of
** usedpools ends at the header of its ring, which is not a carved pool.
*/
const struct pool_header *walk_next_in_list(const pym_heap *heap,
                                            const struct pool_header *pool);
const struct pool_header *walk_prev_in_list(const pym_heap *heap,
                                            const struct pool_header *pool);

/* Describes a pool. */
pym_pool_info walk_pool_info(const pym_heap *heap,
                             const struct arena_object *arena,
                             const struct pool_header *pool);

#endif
