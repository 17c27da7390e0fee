/*
** A cache is a stack of free blocks of limited size for each size class, above
** an exact heap. CPython has such free lists for floats, tuples and frames.
**
**   malloc  <- top                          top -> free
**            +------+------+------+------+ - - - - +
**            | 4th  | 3rd  | 2nd  | 1st  |  room   |   one bin a class
**            +------+------+------+------+ - - - - +
**                       |            ^
**        give back: half of it, the  | refill: what one pool has,
**        oldest, when it is full     | at most half of a bin
**                       v            |
**            +-----------------------------------+
**            |  the exact heap: all these are    |
**            |  live blocks to it                |
**            +-----------------------------------+
**
** So the work for a pool that becomes full and used again, or for an arena that
** is obtained and released again, is done once in half a bin of requests. A bin
** stores addresses and touches no block. The cache gives all its blocks back
** before a refill that needs a new arena, when another layer is set, and in
** pym_heap_trim.
**
** A free without a size looks up the block size of the pool in 'sizes', which
** has a byte for each pool. The pool headers have the size too, but they all
** lie at multiples of the pool size and would share the same few lines of the
** processor's caches. A sized free uses the given size, which a realloc in
** place may have made smaller: so a bin can hold a block of a larger class,
** and never one of a smaller class.
**
** [cache.bound]   no bin holds more blocks than it has room for
** [cache.blocks]  each block of a bin is a live block of the heap below, and is
**                 in that bin once
** [cache.size]    each block of a bin is at least as large as the bin's size
** [cache.sizes]   'sizes' has the block size of the pool of each block in a bin
**
** Tested by spec/unit/cache_spec.lua.
*/
#ifndef CACHE_H
#define CACHE_H

#include "state/heap.h"

/* Makes the cache that the options ask for. false: there is no memory. */
bool cache_open(pym_heap *heap, const pym_options *options);

/* Frees what cache_open obtained. */
void cache_close(pym_heap *heap);

/* Gives every block back to the heap below. */
void cache_flush(pym_heap *heap);

/* The number of blocks in all bins; '*bytes' receives their block sizes. */
size_t cache_total(const pym_heap *heap, size_t *bytes);

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
