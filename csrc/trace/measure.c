#include "trace/measure.h"

#include <stdlib.h>

#include "trace/counted_pages.h"
#include "state/loan.h"
#include "trace/measure_pass.h"

/* The state of the first pass. */
struct measuring {
  struct measure_pass pass;
  struct measures *found;
  uint32_t *covered; /* of each pool of the region: its first bytes that were
                        ever in use */
  size_t covered_count;
};

/* The state after the last request. */
static struct measure_point point_of(const struct measure_pass *pass)
{
  const pym_heap *heap = pass->heap;
  const struct replay_stats *stats = &pass->stats;
  return (struct measure_point){
      .requests = pass->at,
      .held = heap->narenas_currently_allocated << heap->arena_shift,
      .live = stats->live_small_bytes,
      .raw = stats->live_bytes - stats->live_small_bytes};
}

/*
** {==================================================================
** Pages
** ===================================================================
*/

static bool grow_covered(struct measuring *measuring, size_t index)
{
  size_t count = measuring->covered_count, wanted = index + 1;
  if (wanted < count + count / 2)
    wanted = count + count / 2;
  uint32_t *grown = realloc(measuring->covered, wanted * sizeof grown[0]);
  if (grown == NULL)
    return false;
  for (size_t i = count; i < wanted; i++)
    grown[i] = 0;
  measuring->covered = grown;
  measuring->covered_count = wanted;
  return true;
}

/* Notes how much of its pool is carved when a block is served. */
static inline bool cover(struct measuring *measuring, const void *served)
{
  const pym_heap *heap = measuring->pass.heap;
  const struct pool_header *pool = heap_pool_of(heap, served);
  size_t index = ((uintptr_t)pool - heap->base) / heap->geometry.pool_bytes;
  if (unlikely(index >= measuring->covered_count) &&
      !grow_covered(measuring, index))
    return false;
  uint32_t nextoffset = heap->loans == NULL
                            ? pool->nextoffset
                            : loan_header(heap, pool).nextoffset;
  assert(nextoffset <= heap->geometry.pool_bytes);
  if (measuring->covered[index] < nextoffset)
    measuring->covered[index] = nextoffset;
  return true;
}

/* Pools are in ascending order, so only the last page may be counted before. */
static uint64_t count_pages(const struct measuring *measuring)
{
  size_t pool_bytes = measuring->pass.heap->geometry.pool_bytes;
  uint64_t pages = 0;
  size_t end = 0; /* of the pages counted */
  for (size_t i = 0; i < measuring->covered_count; i++) {
    if (measuring->covered[i] == 0)
      continue;
    size_t first = i * pool_bytes / MEASURE_PAGE_BYTES;
    size_t last =
        (i * pool_bytes + measuring->covered[i] - 1) / MEASURE_PAGE_BYTES;
    assert(last + 1 >= end);
    pages += last + 1 - (first > end ? first : end);
    end = last + 1;
  }
  return pages;
}

/* }================================================================== */

/*
** {==================================================================
** Passes
** ===================================================================
*/

/* Runs to the end, and measures after each request. */
static bool run_all(struct measuring *measuring)
{
  struct measure_pass *pass = &measuring->pass;
  while (pass->at < pass->loaded->count) {
    const void *served = measure_request(pass, true);
    if (served != NULL && measure_is_small(pass, served) &&
        !cover(measuring, served))
      return false;
    const struct measure_point point = point_of(pass);
    (void)measures_note(measuring->found, &point);
  }
  return true;
}

static void keep_results(struct measuring *measuring)
{
  struct measures *found = measuring->found;
  const struct measure_pass *pass = &measuring->pass;
  pym_stats stats;
  pym_heap_stats(pass->heap, &stats, NULL);
  found->small = pass->stats.small;
  found->raw = pass->stats.raw;
  found->end = point_of(pass);
  found->has_arenas = found->has_pages = true;
  found->arenas_highwater = stats.arenas_highwater;
  found->arenas_obtained = stats.arenas_allocated_total;
  found->arenas_released = stats.arenas_reclaimed;
  found->touched_pages = count_pages(measuring);
}

static bool first_pass(const struct loaded_trace *loaded,
                       const pym_options *options, struct measures *found)
{
  struct measuring measuring = {.found = found};
  struct counted_pages pages;
  pym_options own = *options;
  counted_pages_stand_below(&pages, &own);
  bool is_done =
      measure_pass_open(&measuring.pass, loaded, &own) && run_all(&measuring);
  if (is_done)
    keep_results(&measuring);
  found->system_calls = pages.calls;
  measure_pass_close(&measuring.pass);
  free(measuring.covered);
  return is_done;
}

/* Adds up the block sizes of the live blocks in pools. */
static uint64_t live_block_bytes(const struct measure_pass *pass)
{
  uint64_t bytes = 0;
  for (size_t i = 0; i < pass->loaded->handle_count; i++) {
    const void *served = pass->live[i].block;
    if (served != NULL && measure_is_small(pass, served))
      bytes += heap_block_bytes(pass->heap, served);
  }
  return bytes;
}

/*
** Blocks in the cache or in quarantine are in 'allocated_bytes' too. false: the
** system had less memory for this pass than for the first one.
*/
static bool count_kinds(const struct measure_pass *pass, struct measures *found)
{
  pym_stats stats;
  uint64_t live_blocks = live_block_bytes(pass);
  pym_heap_stats(pass->heap, &stats, NULL);
  if (stats.arena_bytes != found->peak.held)
    return false;
  struct waste *waste = &found->waste;
  waste->rounding = live_blocks - found->peak.live;
  waste->headers =
      stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes;
  waste->free = stats.available_bytes + stats.allocated_bytes - live_blocks;
  waste->unused = stats.unused_pool_bytes;
  assert(found->peak.held == found->peak.live + waste->rounding +
                                 waste->headers + waste->free + waste->unused);
  return true;
}

static bool second_pass(const struct loaded_trace *loaded,
                        const pym_options *options, struct measures *found)
{
  struct measure_pass pass;
  bool is_done = measure_pass_open(&pass, loaded, options);
  while (is_done && pass.at < found->peak.requests)
    (void)measure_request(&pass, false);
  is_done = is_done && count_kinds(&pass, found);
  measure_pass_close(&pass);
  return is_done;
}

/* }================================================================== */

bool measure_trace(const struct loaded_trace *loaded,
                   const pym_options *options, size_t series_count,
                   struct measures *measures)
{
  return measures_open(measures, series_count, loaded->count) &&
         first_pass(loaded, options, measures) &&
         second_pass(loaded, options, measures);
}
