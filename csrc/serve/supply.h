/*
** The supply of pools: which arena gives one, when a new arena is obtained,
** and when one goes back.
*/
#ifndef SUPPLY_H
#define SUPPLY_H

#include "state/heap.h"

/*
** A pool for a size class, set up for it and linked nowhere; or NULL when
** there is none and no arena can be had. A pool that was of this class when
** it became empty is as it was then.
*/
struct pool_header *supply_pool(pym_heap *heap, size_t szidx);

/* The same, left as it was taken back, of a heap that nobody watches. */
struct pool_header *supply_unset_pool(pym_heap *heap);

/* Takes back an empty pool that is linked nowhere. */
void supply_take_back(pym_heap *heap, struct pool_header *pool);

/* Releases the wholly free arena that the rule "keep the last" has kept. */
void supply_release_kept(pym_heap *heap);

#endif
