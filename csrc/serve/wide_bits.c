#include "serve/wide_bits.h"

#define CHUNK ((size_t)1 << 14) /* bytes that are committed together */

static size_t chunk_bytes(const pym_heap *heap)
{
  size_t page_bytes = heap->region.pages.page_bytes;
  return page_bytes > CHUNK ? page_bytes : CHUNK;
}

/* The bytes of whole chunks for the first 'count' bits. */
static size_t bytes_of(const pym_heap *heap, size_t count)
{
  return align_up(count * heap->wide_bits.one_bytes, chunk_bytes(heap));
}

void wide_bits_open(pym_heap *heap)
{
  struct wide_bits_table *table = &heap->wide_bits;
  pym_pages *pages = &heap->region.pages;
  size_t capacity = pym_class_capacity(&heap->geometry, 0);
  if (heap->loan_limit == 0 || !loan_is_wide(capacity))
    return;
  table->one_bytes =
      sizeof(struct wide_bits) + (capacity + 63) / 64 * sizeof(uint64_t);
  table->start = pages->reserve(
      pages->context, bytes_of(heap, heap->loan_limit), pages->page_bytes);
  table->limit = table->start != NULL ? heap->loan_limit : 0;
}

void wide_bits_close(pym_heap *heap)
{
  struct wide_bits_table *table = &heap->wide_bits;
  pym_pages *pages = &heap->region.pages;
  if (table->start != NULL)
    pages->release(pages->context, table->start, bytes_of(heap, table->limit));
}

/* Puts bits on the list of the free ones. */
static void link_free(struct wide_bits_table *table, struct wide_bits *bits)
{
  bits->owner = NULL;
  bits->next = table->free;
  table->free = bits;
}

/* Commits what the next bits need; false: there is no memory. */
static bool commit_next(pym_heap *heap)
{
  struct wide_bits_table *table = &heap->wide_bits;
  pym_pages *pages = &heap->region.pages;
  size_t needed = bytes_of(heap, table->count + 1), chunk = chunk_bytes(heap);
  for (; table->committed < needed; table->committed += chunk)
    if (!pages->commit(pages->context, table->start + table->committed, chunk))
      return false;
  return true;
}

bool wide_bits_obtain(pym_heap *heap)
{
  struct wide_bits_table *table = &heap->wide_bits;
  if (table->free != NULL)
    return true;
  if (table->count == table->limit || !commit_next(heap))
    return false;
  link_free(table, loan_wide_at(heap, table->count++));
  return true;
}

struct wide_bits *wide_bits_take(pym_heap *heap, struct loan *owner)
{
  struct wide_bits *taken = heap->wide_bits.free;
  heap->wide_bits.free = taken->next;
  taken->owner = owner;
  return taken;
}

void wide_bits_give(pym_heap *heap, struct wide_bits *bits)
{
  assert(bits->owner != NULL);
  link_free(&heap->wide_bits, bits);
}

void wide_bits_trim(pym_heap *heap)
{
  struct wide_bits_table *table = &heap->wide_bits;
  pym_pages *pages = &heap->region.pages;
  while (table->count > 0 &&
         loan_wide_at(heap, table->count - 1)->owner == NULL)
    table->count--;
  table->free = NULL;
  for (size_t i = table->count; i > 0; i--)
    if (loan_wide_at(heap, i - 1)->owner == NULL)
      link_free(table, loan_wide_at(heap, i - 1));
  while (table->committed > bytes_of(heap, table->count)) {
    table->committed -= chunk_bytes(heap);
    pages->decommit(pages->context, table->start + table->committed,
                    chunk_bytes(heap));
  }
}
