/*
** Lends pools of the exact heap to the cache, and takes them back.
**
** Tested by spec/unit/loans_spec.lua.
*/
#ifndef LENDING_H
#define LENDING_H

#include "state/loan.h"

/* Would lending_borrow obtain an arena? */
bool lending_needs_arena(const pym_heap *heap, size_t bin);

/*
** Lends a pool: the first used one of the class, or one of the supply. Its loan
** becomes the current one of its bin. false: there is no pool, it has more than
** LOAN_BLOCKS_MAX blocks, or there is no memory for its record or its bits. The
** heap must have no watch.
*/
bool lending_borrow(pym_heap *heap, size_t bin);

/*
** Takes back a pool, whose loan must not be in a ring. Its free blocks become
** its chain, in the order of their addresses; a pool without a used block goes
** to its arena.
*/
void lending_return(pym_heap *heap, struct loan *loan);

/* The size class of the blocks in a bin. */
static inline size_t lending_class(const pym_heap *heap, size_t bin)
{
  return (bin * PYM_BIN_STEP >> heap->alignment_shift) - 1;
}

/*
** Notes the block size of a pool, for frees without a size. 0: its blocks have
** no bin.
*/
static inline void lending_note(pym_heap *heap, const void *address,
                                size_t block_bytes)
{
  size_t offset = (uintptr_t)address - heap->base;
  heap->bin_sizes[offset >> heap->front.pool_shift] =
      (uint8_t)(block_bytes / PYM_SIZE_UNIT);
}

#endif
