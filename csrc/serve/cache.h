/*
** A cache is a stack of free blocks of limited size for each size class, above
** pools that the exact heap has lent (state/loan.h). CPython has such free
** lists for floats, tuples and frames.
**
**   malloc  <- top                          top -> free
**            +------+------+------+------+ - - - - +
**            | 4th  | 3rd  | 2nd  | 1st  |  room   |   one bin a class
**            +------+------+------+------+ - - - - +
**                       |            ^
**        give back: half of it, the  | refill: at most half of a bin
**        oldest, when it is full     |
**                       v            |
**            +-----------------------------------+
**            |  loans: a bit for each free block |
**            +-----------------------------------+
**                       |            ^
**          a pool without a used     | a pool
**          block                     |
**                       v            |
**            +-----------------------------------+
**            |  the exact heap: all blocks of    |
**            |  its lent pools are live to it    |
**            +-----------------------------------+
**
** So the work for a pool or an arena that is obtained and given back is done
** once in half a bin of requests. A bin stores addresses, a loan has bits:
** neither touches a block. The cache gives the blocks of all bins, and the
** pools without a used block, back before a refill that needs a new arena and
** in pym_heap_trim; it gives all pools back when another layer is set.
**
** A free without a size notes its block as the block freed last, and puts the
** one that was noted before into its bin. So a malloc never waits for the look-up
** of the size of a block that has just been freed. A free that is given the size
** puts its block into the bin at once.
**
** A free without a size looks up the block size of the pool in 'sizes', which
** has a byte for each pool. The pool headers have the size too, but they all
** lie at multiples of the pool size and would share the same few lines of the
** processor's caches. A sized free uses the given size, which a realloc in
** place may have made smaller: so a bin can hold a block of a larger class,
** and never one of a smaller class.
**
** [cache.bound]   no bin holds more blocks than it has room for
** [cache.blocks]  each block of a bin is live in its pool or used in its loan,
**                 and is in that bin once; so is the block freed last, which
**                 is in no bin
** [cache.size]    each block of a bin is at least as large as the bin's size
** [cache.sizes]   'sizes' has the block size of the pool of each block in a bin
**                 and of the block freed last; 0 if it is too large for a bin
**
** Tested by spec/unit/cache_spec.lua, spec/unit/check_cache_spec.lua and
** spec/unit/loans_spec.lua.
*/
#ifndef CACHE_H
#define CACHE_H

#include "state/heap.h"

/*
** Makes the cache that the options ask for. false: raw has no memory. If the
** system refuses the pages of 'sizes', the heap has no cache.
*/
bool cache_open(pym_heap *heap, const pym_options *options);

/* Frees what cache_open obtained. */
void cache_close(pym_heap *heap);

/*
** Gives the blocks of all bins and the block freed last back to their pools, and
** the pools that have then no live block to the heap below.
*/
void cache_flush(pym_heap *heap);

/*
** The number of blocks in all bins, with the block freed last; '*bytes' receives
** their block sizes.
*/
size_t cache_total(const pym_heap *heap, size_t *bytes);

/* The size that 'sizes' has for a pool; 0: its blocks are too large for a bin. */
static inline size_t cache_pool_bytes(const pym_heap *heap,
                                      const struct pool_header *pool)
{
  size_t bytes = heap_class_bytes(heap, pool->szidx);
  return bytes <= PYM_CACHED_BYTES_MAX ? bytes : 0;
}

/* The number of blocks in a bin. The lowest was put there first. */
static inline size_t cache_count(const pym_heap *heap, size_t bin)
{
  return (size_t)(heap->front.bins[bin].top - heap->bin_lows[bin]);
}

/* The number of blocks for which a bin has room. */
static inline size_t cache_room(const pym_heap *heap, size_t bin)
{
  return (size_t)(heap->front.bins[bin].full - heap->bin_lows[bin]);
}

/* Does the bin belong to a size class of this heap, and has it any room? */
static inline bool cache_has_bin(const pym_heap *heap, size_t bin)
{
  return cache_room(heap, bin) > 0;
}

#endif
