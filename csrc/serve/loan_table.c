#include "serve/loan_table.h"

#include <string.h>

#define CHUNK ((size_t)256) /* records that are committed together */
#define STEP ((size_t)64)   /* records that are set to zeros together */

static size_t words_bytes(const pym_heap *heap)
{
  return heap->loan_words * sizeof heap->loan_bits[0];
}

/* The bytes of whole pages for 'one' bytes for each of 'count' pools. */
static size_t part_bytes(const pym_heap *heap, size_t one, size_t count)
{
  return align_up(count * one, heap->region.pages.page_bytes);
}

static size_t table_bytes(const pym_heap *heap, size_t count)
{
  return part_bytes(heap, sizeof(struct loan), count) +
         part_bytes(heap, words_bytes(heap), count);
}

void loan_table_open(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  size_t capacity = pym_class_capacity(&heap->geometry, 0);
  size_t count = region_span(&heap->region) >> heap->front.pool_shift;
  heap->loan_words = capacity > 64 * LOAN_OWN_WORDS ? (capacity + 63) / 64 : 0;
  for (; count > 0 && heap->loans == NULL; count /= 2) {
    heap->loans = pages->reserve(pages->context, table_bytes(heap, count),
                                 pages->page_bytes);
    heap->loan_limit = heap->loans != NULL ? count : 0;
  }
  if (heap->loans == NULL)
    return;
  char *behind = (char *)heap->loans;
  behind += part_bytes(heap, sizeof(struct loan), heap->loan_limit);
  heap->loan_bits = (void *)behind;
}

void loan_table_close(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  if (heap->loans != NULL)
    pages->release(pages->context, heap->loans,
                   table_bytes(heap, heap->loan_limit));
}

/* Pages of one of the two tables. */
struct part {
  void *start;
  size_t bytes;
};

/* The pages of a table that a chunk needs, and that no chunk below it does. */
static struct part part_of(const pym_heap *heap, void *table, size_t one,
                           size_t chunk)
{
  size_t end = chunk + CHUNK;
  if (end > heap->loan_limit)
    end = heap->loan_limit;
  size_t below = part_bytes(heap, one, chunk);
  return (struct part){.start = (char *)table + below,
                       .bytes = part_bytes(heap, one, end) - below};
}

static struct part loans_part(const pym_heap *heap, size_t chunk)
{
  return part_of(heap, heap->loans, sizeof(struct loan), chunk);
}

static struct part bits_part(const pym_heap *heap, size_t chunk)
{
  return part_of(heap, heap->loan_bits, words_bytes(heap), chunk);
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

/* Commits the next chunk of records; false: nothing is committed. */
static bool commit_next(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  size_t chunk = heap->loan_committed;
  if (!commit(pages, loans_part(heap, chunk)))
    return false;
  if (!commit(pages, bits_part(heap, chunk))) {
    decommit(pages, loans_part(heap, chunk));
    return false;
  }
  heap->loan_committed = chunk + CHUNK;
  return true;
}

/* Sets the records below 'count' to zeros: their pools are not lent. */
static void clear_to(pym_heap *heap, size_t count)
{
  size_t end = count < heap->loan_limit ? count : heap->loan_limit;
  assert(end <= heap->loan_committed && end > heap->loan_count);
  memset(&heap->loans[heap->loan_count], 0,
         (end - heap->loan_count) * sizeof heap->loans[0]);
  heap->loan_count = end;
}

bool loan_table_grow(pym_heap *heap, size_t index)
{
  assert(index >= heap->loan_count);
  if (index >= heap->loan_limit)
    return false;
  while (index >= heap->loan_committed)
    if (!commit_next(heap))
      return false;
  clear_to(heap, align_up(index + 1, STEP));
  return true;
}

void loan_table_trim(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  while (heap->loan_count > 0 && heap->loans[heap->loan_count - 1].bin == 0)
    heap->loan_count--;
  while (heap->loan_committed >= heap->loan_count + CHUNK) {
    size_t chunk = heap->loan_committed -= CHUNK;
    decommit(pages, bits_part(heap, chunk));
    decommit(pages, loans_part(heap, chunk));
  }
}
