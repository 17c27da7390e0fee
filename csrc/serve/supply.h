/*
** The supply of pools: decides which arena gives a pool, when a new arena is
** obtained, and when one is released.
*/
#ifndef SUPPLY_H
#define SUPPLY_H

#include "state/heap.h"

/*
** A pool for a size class, which is in no list, or NULL if no pool is free and
** no arena can be obtained. If the pool had this class when it became empty, it
** is as it was then; else it is initialized for the class.
*/
struct pool_header *supply_pool(pym_heap *heap, size_t szidx);

/* The same without initializing the pool, for a heap without a watch. */
struct pool_header *supply_unset_pool(pym_heap *heap);

/* Takes back an empty pool that is in no list. */
void supply_take_back(pym_heap *heap, struct pool_header *pool);

/*
** Arenas obtained from here on are like those of a CPython whose addresses miss
** the alignment of pools by 'offset': if that is no multiple of the pool size,
** they have one pool fewer. Their first pool lies where it lies in other arenas,
** so places do not depend on it. A geometry with an arena_offset, or with arenas
** of two pools, keeps its number of pools.
*/
void supply_offset_arenas(pym_heap *heap, uint64_t offset);

/* Releases the arena that has only free pools and that "keep_last" has kept. */
void supply_release_kept(pym_heap *heap);

#endif
