/*
** The blocks of the pools that are lent to the cache (state/loan.h).
**
**   loans_take   takes blocks of the current loan of a bin, then of the loan
**                that has waited longest, and so on
**   loans_give   puts blocks back. If no block of a pool is then used, the pool
**                goes back to the exact heap, unless its loan is current
**
** So a class whose last block is freed and allocated again and again keeps its
** pool, and at most one pool of a class is lent without a used block.
**
** Tested by spec/unit/loans_spec.lua.
*/
#ifndef LOANS_H
#define LOANS_H

#include "state/loan.h"

/* Makes the rings empty, so that no bin has a current loan. */
void loans_clear(pym_heap *heap);

/* Takes up to 'most' blocks for a bin and stores them. Returns their number. */
size_t loans_take(pym_heap *heap, size_t bin, void **blocks, size_t most);

/* Puts blocks of the region back into their pools, lent or not. */
void loans_give(pym_heap *heap, void *const *blocks, size_t count);

/* Gives the pools that have no used block back to the exact heap. */
void loans_return_free(pym_heap *heap);

/* Gives all pools back to the exact heap. */
void loans_return_all(pym_heap *heap);

#endif
