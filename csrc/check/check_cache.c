/*
** Checks the cache. The heap below it has been checked before.
*/
#include "serve/cache.h"
#include "check/check.h"

/* Is the block free in its pool, whose chain has been checked? */
static bool is_free(const pym_heap *heap, const struct pool_header *pool,
                    const block *wanted)
{
  struct walk_free at = {0};
  const block *found;
  bool is_damaged;
  do {
    found = walk_next_free(heap, pool, &at, &is_damaged);
    assert(!is_damaged);
  } while (found != NULL && found != wanted);
  return found != NULL;
}

/* [cache.blocks] of one block */
static bool check_live(struct check *check, const block *kept)
{
  const pym_heap *heap = check->heap;
  const struct pool_header *pool = heap_find_pool(heap, kept);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return (pool != NULL && walk_has_class(heap, pool) &&
          walk_is_block(heap, pool, kept) && !is_free(heap, pool, kept)) ||
         check_fail(check, CACHE_BLOCKS,
                    "the cache has %p, which is not a live block",
                    (const void *)kept);
  /* GCOVR_EXCL_BR_STOP */
}

/* Is the block not among the first ones of a bin? */
static bool check_once(struct check *check, const block *kept, size_t bin,
                       size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (check->heap->bin_lows[bin][i] == kept)
      return check_fail(check, CACHE_BLOCKS,
                        "the cache has the block at %p twice, in the bin of "
                        "%zu bytes",
                        (const void *)kept, bin * PYM_BIN_STEP);
  return true;
}

/* [cache.sizes] */
static bool check_noted(struct check *check, const block *kept)
{
  const pym_heap *heap = check->heap;
  assert(heap->bin_sizes != NULL); /* a cache with a block has sizes */
  size_t noted = pym_front_block_bytes(&heap->front, kept);
  if (noted != cache_pool_bytes(heap, heap_pool_of(heap, kept)))
    return check_fail(check, CACHE_SIZES,
                      "sizes has %zu bytes for a pool with blocks of %zu",
                      noted, heap_block_bytes(heap, kept));
  return true;
}

/* [cache.size] */
static bool check_size(struct check *check, size_t bin, const block *kept)
{
  size_t bytes = heap_block_bytes(check->heap, kept);
  if (bytes < bin * PYM_BIN_STEP)
    return check_fail(check, CACHE_SIZE,
                      "the bin of %zu bytes has a block of %zu",
                      bin * PYM_BIN_STEP, bytes);
  return true;
}

static bool check_kept(struct check *check, size_t bin, size_t index)
{
  const block *kept = check->heap->bin_lows[bin][index];
  return check_live(check, kept) && check_once(check, kept, bin, index) &&
         check_size(check, bin, kept) && check_noted(check, kept);
}

/* The block freed last, if there is one: it is in no bin. */
static bool check_freed_last(struct check *check)
{
  const pym_heap *heap = check->heap;
  const block *last = heap_freed_last(heap);
  if (last == NULL)
    return true;
  for (size_t bin = 1; bin < PYM_BIN_COUNT; bin++)
    if (!check_once(check, last, bin, cache_count(heap, bin)))
      return false;
  return check_live(check, last) && check_noted(check, last);
}

/* [cache.bound] */
static bool check_bin(struct check *check, size_t bin)
{
  const pym_heap *heap = check->heap;
  size_t count = cache_count(heap, bin), room = cache_room(heap, bin);
  if (count > room)
    return check_fail(check, CACHE_BOUND,
                      "the bin of %zu bytes has %zu blocks, and room for %zu",
                      bin * PYM_BIN_STEP, count, room);
  for (size_t i = 0; i < count; i++)
    if (!check_kept(check, bin, i))
      return false;
  return true;
}

bool check_cache(struct check *check)
{
  for (size_t bin = 1; bin < PYM_BIN_COUNT; bin++)
    if (!check_bin(check, bin))
      return false;
  return check_freed_last(check);
}
