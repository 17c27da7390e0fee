#include "serve/lending.h"

#include "serve/supply.h"
#include "serve/used_pools.h"

/*
** {==================================================================
** The memory of the records
** ===================================================================
*/

/* The bytes of the records of all pools. */
static size_t records_bytes(const pym_heap *heap, size_t one)
{
  size_t pools = region_span(&heap->region) >> heap->front.pool_shift;
  return align_up(pools * one, heap->region.pages.page_bytes);
}

static size_t words_bytes(const pym_heap *heap)
{
  return heap->loan_words * sizeof heap->loan_bits[0];
}

bool lending_open(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  const pym_geometry *geometry = &heap->geometry;
  heap->loan_words = pym_class_capacity(geometry, 0) / 64 + 1;
  size_t bytes = records_bytes(heap, sizeof(struct loan));
  if (bytes == 0)
    return true;
  heap->loans = pages->reserve(pages->context, bytes, pages->page_bytes);
  heap->loan_bits =
      pages->reserve(pages->context, records_bytes(heap, words_bytes(heap)),
                     pages->page_bytes);
  return heap->loans != NULL && heap->loan_bits != NULL;
}

void lending_close(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  if (heap->loans != NULL)
    pages->release(pages->context, heap->loans,
                   records_bytes(heap, sizeof(struct loan)));
  if (heap->loan_bits != NULL)
    pages->release(pages->context, heap->loan_bits,
                   records_bytes(heap, words_bytes(heap)));
}

/* The part of a table with 'one' bytes for a pool that must become usable. */
struct part {
  char *start;
  size_t bytes;
};

static struct part new_part(const pym_heap *heap, void *table, size_t one,
                            size_t count)
{
  size_t page_bytes = heap->region.pages.page_bytes;
  size_t from = align_up(heap->loan_count * one, page_bytes);
  size_t to = align_up(count * one, page_bytes);
  return (struct part){.start = (char *)table + from, .bytes = to - from};
}

static bool commit(pym_pages *pages, struct part part)
{
  return part.bytes == 0 ||
         pages->commit(pages->context, part.start, part.bytes);
}

static void decommit(pym_pages *pages, struct part part)
{
  if (part.bytes > 0)
    pages->decommit(pages->context, part.start, part.bytes);
}

/* Makes the records of the pools up to an index usable. */
static NOINLINE bool grow_records(pym_heap *heap, size_t index)
{
  pym_pages *pages = &heap->region.pages;
  size_t pools = region_span(&heap->region) >> heap->front.pool_shift;
  size_t doubled = heap->loan_count * 2;
  size_t count = doubled > index ? doubled : (index / 64 + 1) * 64;
  if (count > pools)
    count = pools;
  struct part loans = new_part(heap, heap->loans, sizeof(struct loan), count);
  struct part bits = new_part(heap, heap->loan_bits, words_bytes(heap), count);
  if (!commit(pages, loans))
    return false;
  if (!commit(pages, bits)) {
    decommit(pages, loans);
    return false;
  }
  heap->loan_count = count;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Between the loans and the exact heap
** ===================================================================
*/

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
  return (size_t)((uint64_t)offset * loan->reciprocal >> 32);
}

static void set_free(struct loan *loan, size_t index)
{
  uint64_t bit = (uint64_t)1 << index % 64;
  assert(index < loan->capacity && (loan->bits[index / 64] & bit) == 0);
  loan->bits[index / 64] |= bit;
  loan->free_count++;
}

/* Begins the record of a pool, with no free block. */
static struct loan *begin(pym_heap *heap, const struct pool_header *pool,
                          size_t bin)
{
  size_t place = loan_index(heap, pool), block_bytes = bin * PYM_BIN_STEP;
  size_t first = geometry_header_bytes(&heap->geometry);
  struct loan *loan = &heap->loans[place];
  size_t capacity = pym_class_capacity(&heap->geometry, pool->szidx);
  assert(loan->bin == 0 && place < heap->loan_count);
  *loan = (struct loan){
      .carved = (uint32_t)((pool->nextoffset - first) / block_bytes),
      .capacity = (uint32_t)capacity,
      .reciprocal = (uint32_t)(((uint64_t)1 << 32) / block_bytes + 1),
      .bin = (uint32_t)bin,
      .bits = capacity <= 64 * LOAN_OWN_WORDS
                  ? loan->own
                  : &heap->loan_bits[place * heap->loan_words]};
  memset(loan->bits, 0, (capacity + 63) / 64 * sizeof loan->bits[0]);
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

/* Puts a pool that was lent on the list to which it belongs. */
static void settle(pym_heap *heap, struct pool_header *pool)
{
  if (pool_is_empty(pool)) {
    pool_init(pool, &heap->geometry, pool->szidx);
    pool_carve(pool, heap_class_bytes(heap, pool->szidx));
    supply_take_back(heap, pool);
    return;
  }
  if (pool_wants_carving(pool))
    pool_carve(pool, heap_class_bytes(heap, pool->szidx));
  if (!pool_is_full(pool))
    used_link(heap, pool);
}

/* Links the free blocks of a loan, in the order of their addresses. */
static block *chain_of(const pym_heap *heap, const struct loan *loan)
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
  loan->bin = 0;
  settle(heap, pool);
}

bool lending_needs_arena(const pym_heap *heap, size_t bin)
{
  const struct pool_header *ring = &heap->usedpools[lending_class(heap, bin)];
  return ring->nextpool == ring && heap->order.usable_arenas == NULL;
}

bool lending_borrow(pym_heap *heap, size_t bin)
{
  struct pool_header *pool = find_pool(heap, lending_class(heap, bin));
  if (pool == NULL)
    return false;
  size_t index = loan_index(heap, pool);
  if (unlikely(index >= heap->loan_count) && !grow_records(heap, index)) {
    settle(heap, pool);
    return false;
  }
  lending_note(heap, pool, bin);
  lend(heap, pool, bin);
  return true;
}

/* }================================================================== */
