#include "serve/lending.h"

#include "serve/loan_table.h"
#include "serve/supply.h"
#include "serve/used_pools.h"
#include "serve/wide_bits.h"

/*
** A pool of a class, in no list: the first used one, or one that the supply
** gives, with no block carved. NULL: there is no pool.
*/
static struct pool_header *find_pool(pym_heap *heap, size_t szidx)
{
  const struct pool_header *ring = &heap->usedpools[szidx];
  struct pool_header *pool = ring->nextpool;
  assert(!is_watched(heap->watch));
  if (pool != ring) {
    used_unlink(pool);
    return pool;
  }
  pool = supply_unset_pool(heap);
  if (pool != NULL)
    pool_init(pool, &heap->geometry, szidx);
  return pool;
}

/* The number of a block in its pool. */
static ALWAYS_INLINE size_t block_index(const pym_heap *heap,
                                        const struct loan *loan,
                                        const void *address)
{
  size_t offset = ((uintptr_t)address & ~heap->pool_mask) -
                  geometry_header_bytes(&heap->geometry);
  return (size_t)(offset * heap->sources[loan->bin].reciprocal >> 32);
}

static void set_free(struct loan *loan, size_t index)
{
  uint64_t bit = (uint64_t)1 << index % 64;
  assert(index < loan->capacity && !loan_is_free(loan, index));
  loan_bits(loan)[index / 64] |= bit;
  loan->free_count++;
}

/* Begins the record of a pool, with no free block. */
static struct loan *begin(pym_heap *heap, const struct pool_header *pool,
                          size_t bin)
{
  size_t first = geometry_header_bytes(&heap->geometry);
  struct loan *loan = &heap->loans[loan_index(heap, pool)];
  size_t capacity = pym_class_capacity(&heap->geometry, pool->szidx);
  size_t carved = (pool->nextoffset - first) / (bin * PYM_BIN_STEP);
  assert(loan_index(heap, pool) < heap->loan_count && loan->bin == 0);
  *loan = (struct loan){.carved = (uint16_t)carved,
                        .capacity = (uint16_t)capacity,
                        .bin = (uint16_t)bin};
  if (loan_is_wide(capacity))
    loan->wide = wide_bits_take(heap, loan);
  memset(loan_bits(loan), 0, (capacity + 63) / 64 * sizeof(uint64_t));
  return loan;
}

/* Moves the blocks of a pool to its loan, which becomes current. */
static void lend(pym_heap *heap, struct pool_header *pool, size_t bin)
{
  struct loan *loan = begin(heap, pool, bin);
  for (block *link = pool->freeblock; link != NULL; link = block_link(link))
    set_free(loan, block_index(heap, loan, link));
  assert(loan_used(loan) == pool->ref.count && loan_has_block(loan));
  pool->freeblock = NULL;
  pool->ref.count = loan->capacity;
  pool->nextoffset +=
      (uint32_t)((loan->capacity - loan->carved) * bin * PYM_BIN_STEP);
  heap->sources[bin].current = loan;
}

/*
** Puts a pool that was lent on the list to which it belongs. An empty one is
** then as after one malloc and one free: the exact heap relies on the two free
** blocks of its chain.
*/
static void settle(pym_heap *heap, struct pool_header *pool)
{
  if (pool_is_empty(pool)) {
    (void)pool_give(pool, pool_begin(pool, &heap->geometry, pool->szidx));
    supply_take_back(heap, pool);
    return;
  }
  if (pool_wants_carving(pool))
    pool_carve(pool, heap_class_bytes(heap, pool->szidx));
  if (!pool_is_full(pool))
    used_link(heap, pool);
}

/* Links the free blocks of a loan, in the order of their addresses. */
static block *chain_of(const pym_heap *heap, struct loan *loan)
{
  size_t block_bytes = (size_t)loan->bin * PYM_BIN_STEP;
  block *first =
      (block *)loan_pool(heap, loan) + geometry_header_bytes(&heap->geometry);
  block *next = NULL;
  for (size_t i = loan->carved; i > 0; i--)
    if (loan_is_free(loan, i - 1)) {
      block_set_link(first + (i - 1) * block_bytes, next);
      next = first + (i - 1) * block_bytes;
    }
  return next;
}

void lending_return(pym_heap *heap, struct loan *loan)
{
  struct loan_source *source = &heap->sources[loan->bin];
  struct pool_header *pool = loan_pool(heap, loan);
  *pool = loan_header(heap, pool);
  if (!pool_is_empty(pool))
    pool->freeblock = chain_of(heap, loan);
  if (source->current == loan)
    source->current = &source->ring;
  if (loan_is_wide(loan->capacity))
    wide_bits_give(heap, loan->wide);
  loan->bin = 0;
  settle(heap, pool);
}

bool lending_needs_arena(const pym_heap *heap, size_t bin)
{
  const struct pool_header *ring = &heap->usedpools[lending_class(heap, bin)];
  return ring->nextpool == ring && heap->order.usable_arenas == NULL;
}

/* Is there memory for the record of a pool and for its bits? */
static bool can_record(pym_heap *heap, const struct pool_header *pool)
{
  size_t capacity = pym_class_capacity(&heap->geometry, pool->szidx);
  return capacity <= LOAN_BLOCKS_MAX &&
         loan_table_reaches(heap, loan_index(heap, pool)) &&
         (!loan_is_wide(capacity) || wide_bits_obtain(heap));
}

bool lending_borrow(pym_heap *heap, size_t bin)
{
  struct pool_header *pool = find_pool(heap, lending_class(heap, bin));
  if (pool == NULL)
    return false;
  if (!can_record(heap, pool)) {
    settle(heap, pool);
    return false;
  }
  lending_note(heap, pool, bin * PYM_BIN_STEP);
  lend(heap, pool, bin);
  return true;
}
