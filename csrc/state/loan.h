/*
** A loan is a pool that the exact heap has lent to the cache (serve/cache.h).
** The cache serves the pool's blocks one by one, and keeps its own record of
** them. In the header of a lent pool all blocks are live: for the exact heap
** it is a full pool, which is on no list.
**
**   pool i of the region         loans[i]
**   +--------+----------- - -    +------------------+--------+------------+
**   | header |  blocks           | free, carved,    |  bits  | next, prev |
**   +--------+----------- - -    | capacity, bin    |        |            |
**                                +------------------+---|----+------------+
**                                                       |  blocks are many
**                                                       v
**                              wide bits   +-------+------+---------------+
**                                          | owner | next | words         |
**                                          +-------+------+---------------+
**
** A free block is a bit that is set. So freeing a block that does not fit in
** its bin writes to no byte of the block, and taking it again reads none: a
** block that the caches of the processor have lost is not fetched for it. The
** records stand beside each other, while the headers of the pools are at
** multiples of the pool size and compete for the same few lines of the
** processor's caches; serving a block of a lent pool does not access its
** header. A record has bits for 192 blocks; the loan of a pool with more is
** wide, and its record has the address of its bits (serve/wide_bits.h).
**
**   current    its class takes blocks from it, free ones before virgin ones
**   waiting    has a free block                in the ring of its class
**   exhausted  has none                        in no list
**
** [loan.header]   in the header of a lent pool all blocks are live
** [loan.bits]     each wide loan is the owner of its bits, and the wide bits
**                 without an owner are on the list of the free ones
** [loan.count]    free_count is the number of bits that are set, all of them
**                 of carved blocks
** [loan.current]  the current loan of a bin is one of that bin
** [loan.waiting]  the ring of a bin holds exactly its waiting loans
** [loan.virgin]   only the current loan of a bin has a virgin block
**
** Tested by spec/unit/loans_spec.lua and spec/unit/check_loans_spec.lua.
*/
#ifndef LOAN_H
#define LOAN_H

#include "state/heap.h"

static inline size_t loan_index(const pym_heap *heap, const void *address)
{
  return ((uintptr_t)address - heap->base) >> heap->front.pool_shift;
}

/* The record of the pool of an address, lent or not; NULL if it has none. */
static inline struct loan *loan_of(const pym_heap *heap, const void *address)
{
  size_t index = loan_index(heap, address);
  return index < heap->loan_count && heap->loans[index].bin != 0
             ? &heap->loans[index]
             : NULL;
}

/* The pool of a loan. */
static inline struct pool_header *loan_pool(const pym_heap *heap,
                                            const struct loan *loan)
{
  size_t index = (size_t)(loan - heap->loans);
  return (struct pool_header *)(heap->base + (index << heap->front.pool_shift));
}

/* Is a pool with 'capacity' blocks a wide loan? */
static inline bool loan_is_wide(size_t capacity)
{
  return capacity > 64 * LOAN_OWN_WORDS;
}

/* A bit for each block of a loan. */
static inline uint64_t *loan_bits(struct loan *loan)
{
  return loan_is_wide(loan->capacity) ? loan->wide->words : loan->own;
}

/* Wide bits by their number. */
static inline struct wide_bits *loan_wide_at(const pym_heap *heap, size_t index)
{
  const struct wide_bits_table *table = &heap->wide_bits;
  void *at = table->start + index * table->one_bytes;
  return at;
}

/* Is it the address of wide bits, used or free? */
static inline bool loan_has_wide(const pym_heap *heap,
                                 const struct wide_bits *bits)
{
  const struct wide_bits_table *table = &heap->wide_bits;
  size_t offset = (uintptr_t)bits - (uintptr_t)table->start;
  return offset < table->count * table->one_bytes &&
         offset % table->one_bytes == 0;
}

/* Its blocks that the bins or the program have. */
static inline uint32_t loan_used(const struct loan *loan)
{
  return loan->carved - loan->free_count;
}

/* Has it a block to take, free or virgin? */
static inline bool loan_has_block(const struct loan *loan)
{
  return loan->free_count > 0 || loan->carved < loan->capacity;
}

/* Is a block of a loan free? That of a virgin block is not set. */
static inline bool loan_is_free(struct loan *loan, size_t index)
{
  return (loan_bits(loan)[index / 64] >> index % 64 & 1) != 0;
}

/*
** The header of a pool as it would be if the cache had no loans: with the live
** blocks and the virgin blocks of its loan. 'freeblock' is not changed.
*/
struct pool_header loan_header(const pym_heap *heap,
                               const struct pool_header *pool);

/* The state of a pool; a lent one is used or full. */
pym_pool_state loan_pool_state(const pym_heap *heap,
                               const struct pool_header *pool);

#endif
