#include "serve/loan_table.h"

#include <string.h>

#define CHUNK ((size_t)256) /* records that are committed together */
#define STEP ((size_t)64)   /* records that are set to zeros together */

static size_t table_bytes(const pym_heap *heap, size_t count)
{
  return align_up(count * sizeof(struct loan), heap->region.pages.page_bytes);
}

void loan_table_open(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  size_t count = region_span(&heap->region) >> heap->front.pool_shift;
  for (; count > 0 && heap->loans == NULL; count /= 2) {
    heap->loans = pages->reserve(pages->context, table_bytes(heap, count),
                                 pages->page_bytes);
    heap->loan_limit = heap->loans != NULL ? count : 0;
  }
}

void loan_table_close(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  if (heap->loans != NULL)
    pages->release(pages->context, heap->loans,
                   table_bytes(heap, heap->loan_limit));
}

/* Pages of the table. */
struct part {
  void *start;
  size_t bytes;
};

/* The pages that a chunk needs, and that no chunk below it does. */
static struct part part_of(const pym_heap *heap, size_t chunk)
{
  size_t end = chunk + CHUNK;
  if (end > heap->loan_limit)
    end = heap->loan_limit;
  size_t below = table_bytes(heap, chunk);
  return (struct part){.start = (char *)heap->loans + below,
                       .bytes = table_bytes(heap, end) - below};
}

/* Commits the next chunk of records; false: nothing is committed. */
static bool commit_next(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  struct part part = part_of(heap, heap->loan_committed);
  if (part.bytes > 0 && !pages->commit(pages->context, part.start, part.bytes))
    return false;
  heap->loan_committed += CHUNK;
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
    struct part part = part_of(heap, heap->loan_committed -= CHUNK);
    if (part.bytes > 0)
      pages->decommit(pages->context, part.start, part.bytes);
  }
}
