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

/* [cache.blocks] */
static bool check_block(struct check *check, size_t bin, size_t index)
{
  const pym_heap *heap = check->heap;
  void *const *low = heap->bin_lows[bin];
  const struct pool_header *pool = heap_find_pool(heap, low[index]);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (pool == NULL || !walk_has_class(heap, pool) ||
      !walk_is_block(heap, pool, low[index]) || is_free(heap, pool, low[index]))
    return check_fail(check, CACHE_BLOCKS,
                      "the bin of %zu bytes has %p, which is not a live block",
                      bin * PYM_BIN_STEP, low[index]);
  /* GCOVR_EXCL_BR_STOP */
  for (size_t i = 0; i < index; i++)
    if (low[i] == low[index])
      return check_fail(check, CACHE_BLOCKS,
                        "the bin of %zu bytes has the block at %p twice",
                        bin * PYM_BIN_STEP, low[index]);
  return true;
}

/* [cache.size] and [cache.sizes] */
static bool check_size(struct check *check, size_t bin, const void *kept)
{
  const pym_heap *heap = check->heap;
  size_t bytes = heap_block_bytes(heap, kept);
  assert(heap->bin_sizes != NULL); /* a cache with a block has sizes */
  size_t pool = ((uintptr_t)kept - heap->base) >> heap->front.pool_shift;
  if (bytes < bin * PYM_BIN_STEP)
    return check_fail(check, CACHE_SIZE,
                      "the bin of %zu bytes has a block of %zu",
                      bin * PYM_BIN_STEP, bytes);
  size_t noted = (size_t)heap->bin_sizes[pool] * PYM_BIN_STEP;
  if (noted != bytes)
    return check_fail(check, CACHE_SIZES,
                      "sizes has %zu bytes for a pool with blocks of %zu",
                      noted, bytes);
  return true;
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
    if (!check_block(check, bin, i) ||
        !check_size(check, bin, heap->bin_lows[bin][i]))
      return false;
  return true;
}

bool check_cache(struct check *check)
{
  for (size_t bin = 1; bin < PYM_BIN_COUNT; bin++)
    if (!check_bin(check, bin))
      return false;
  return true;
}
