/*
** A cache is a bounded stack of free blocks per size class, above an exact
** heap: as CPython keeps floats, tuples and frames above its own.
**
**   malloc  <- top                          top -> free
**            +------+------+------+------+ - - - - +
**            | 4th  | 3rd  | 2nd  | 1st  |  room   |   one bin a class
**            +------+------+------+------+ - - - - +
**                       |            ^
**        flush: half of it, the      | refill: what one pool has,
**        oldest, when it is full     | at most half of a bin
**                       v            |
**            +-----------------------------------+
**            |  the exact heap: all these are    |
**            |  live blocks to it                |
**            +-----------------------------------+
**
** So a pool that goes full and used again, and an arena on its boundary, cost
** once per half a bin. A bin stores addresses and touches no block. The cache
** gives everything back when the heap below would need a new arena, when a
** layer takes its place, and to pym_heap_trim.
**
** A free without a size looks up the block size of the pool in 'sizes', a
** byte a pool beside each other: pool headers, all at multiples of the pool
** size, would compete for the same few lines of the processor's caches.
** A sized free trusts the size, which realloc in place may have lowered: so a
** bin can hold a block of a larger class, never of a smaller one.
**
** [cache.bound]   no bin holds more blocks than it has room for
** [cache.blocks]  each block of a bin is a live one of the heap below, and
**                 in that bin once
** [cache.size]    it is at least as large as the bin's blocks
** [cache.sizes]   'sizes' tells the block size of its pool
**
** Tested by spec/unit/cache_spec.lua.
*/
#ifndef CACHE_H
#define CACHE_H

#include "state/heap.h"

/* Gives a new heap the cache that the options ask for; false: no memory. */
bool cache_open(pym_heap *heap, const pym_options *options);

/* Frees what cache_open obtained. */
void cache_close(pym_heap *heap);

/* Gives every block back to the heap below. */
void cache_flush(pym_heap *heap);

/* Blocks in all bins, and their bytes to the heap below. */
size_t cache_total(const pym_heap *heap, size_t *bytes);

/* Blocks in a bin; the lowest is the one kept longest. */
static inline size_t cache_count(const pym_heap *heap, size_t bin)
{
  return (size_t)(heap->front.bins[bin].top - heap->bin_lows[bin]);
}

/* Blocks that a bin has room for. */
static inline size_t cache_room(const pym_heap *heap, size_t bin)
{
  return (size_t)(heap->front.bins[bin].full - heap->bin_lows[bin]);
}

/* Is it a bin of a size class of this heap, with room? */
static inline bool cache_has_bin(const pym_heap *heap, size_t bin)
{
  return cache_room(heap, bin) > 0;
}

#endif
