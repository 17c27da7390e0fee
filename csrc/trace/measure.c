#include "trace/measure.h"

#include <stdlib.h>

#include "trace/counted_pages.h"
#include "trace/measure_pass.h"

/* A sum of 128 bits. */
struct sum {
  uint64_t low, high;
};

/* The state of the first pass. */
struct measuring {
  struct measure_pass pass;
  struct measurement *found;
  struct sum held, live, total, total_live;
  uint32_t *covered; /* of each pool of the region: its first bytes that were
                        ever in use */
  size_t covered_count;
};

/*
** {==================================================================
** Sums
** ===================================================================
*/

static inline void sum_add(struct sum *sum, uint64_t value)
{
  sum->low += value;
  sum->high += sum->low < value;
}

static double sum_mean(const struct sum *sum, uint64_t count)
{
  double whole = (double)sum->high * 0x1p64 + (double)sum->low;
  return count == 0 ? 0 : whole / (double)count;
}

static struct measure_point point_of(const struct measure_pass *pass)
{
  const pym_heap *heap = pass->heap;
  const struct replay_stats *stats = &pass->stats;
  uint64_t held = heap->narenas_currently_allocated << heap->arena_shift;
  return (struct measure_point){.requests = pass->at,
                                .held = held,
                                .live = stats->live_small_bytes,
                                .total = held + stats->live_bytes -
                                         stats->live_small_bytes,
                                .total_live = stats->live_bytes};
}

static void add_point(struct measuring *measuring)
{
  struct measurement *found = measuring->found;
  struct measure_point point = point_of(&measuring->pass);
  sum_add(&measuring->held, point.held);
  sum_add(&measuring->live, point.live);
  sum_add(&measuring->total, point.total);
  sum_add(&measuring->total_live, point.total_live);
  if (measure_is_more(point.held, point.live, found->peak.held,
                      found->peak.live))
    found->peak = point;
  if (measure_is_more(point.total, point.total_live, found->total_peak.total,
                      found->total_peak.total_live))
    found->total_peak = point;
}

/* }================================================================== */

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
  assert(pool->nextoffset <= heap->geometry.pool_bytes);
  if (measuring->covered[index] < pool->nextoffset)
    measuring->covered[index] = pool->nextoffset;
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

/* Runs to a request, and takes a point after each one. */
static bool run_to(struct measuring *measuring, size_t stop)
{
  struct measure_pass *pass = &measuring->pass;
  while (pass->at < stop) {
    const void *served = measure_request(pass, true);
    if (served != NULL && measure_is_small(pass, served) &&
        !cover(measuring, served))
      return false;
    add_point(measuring);
  }
  return true;
}

/* Runs to the end, and keeps the points of the series. */
static bool run_all(struct measuring *measuring)
{
  const struct loaded_trace *loaded = measuring->pass.loaded;
  struct measurement *found = measuring->found;
  for (size_t i = 0; i < found->series_count; i++) {
    size_t stop =
        loaded->count / found->series_count * (i + 1) +
        loaded->count % found->series_count * (i + 1) / found->series_count;
    if (!run_to(measuring, stop))
      return false;
    found->series[i] = point_of(&measuring->pass);
  }
  return run_to(measuring, loaded->count);
}

static void keep_results(struct measuring *measuring)
{
  struct measurement *found = measuring->found;
  uint64_t count = measuring->pass.loaded->count;
  found->replayed = measuring->pass.stats;
  found->replayed.requests = count;
  found->end = point_of(&measuring->pass);
  found->held_mean = sum_mean(&measuring->held, count);
  found->live_mean = sum_mean(&measuring->live, count);
  found->total_mean = sum_mean(&measuring->total, count);
  found->total_live_mean = sum_mean(&measuring->total_live, count);
  found->touched_pages = count_pages(measuring);
  pym_heap_stats(measuring->pass.heap, &found->stats, NULL);
}

static bool first_pass(const struct loaded_trace *loaded,
                       const pym_options *options, struct measurement *found)
{
  struct measuring measuring = {.found = found};
  struct counted_pages pages;
  pym_options own = *options;
  counted_pages_stand_below(&pages, &own);
  bool is_done =
      measure_pass_open(&measuring.pass, loaded, &own) && run_all(&measuring);
  if (is_done)
    keep_results(&measuring);
  found->page_calls = pages.calls;
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
static bool count_kinds(const struct measure_pass *pass,
                        struct measurement *found)
{
  pym_stats stats;
  uint64_t live_blocks = live_block_bytes(pass);
  pym_heap_stats(pass->heap, &stats, NULL);
  if (stats.arena_bytes != found->peak.held)
    return false;
  found->rounding = live_blocks - found->peak.live;
  found->headers =
      stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes;
  found->free = stats.available_bytes + stats.allocated_bytes - live_blocks;
  found->unused = stats.unused_pool_bytes;
  assert(found->peak.held == found->peak.live + found->rounding +
                                 found->headers + found->free + found->unused);
  return true;
}

static bool second_pass(const struct loaded_trace *loaded,
                        const pym_options *options, struct measurement *found)
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
                   struct measurement *measurement)
{
  *measurement = (struct measurement){0};
  if (series_count > loaded->count)
    series_count = loaded->count;
  measurement->series = calloc(series_count + 1, sizeof(struct measure_point));
  if (measurement->series == NULL)
    return false;
  measurement->series_count = series_count;
  return first_pass(loaded, options, measurement) &&
         second_pass(loaded, options, measurement);
}

void measurement_close(struct measurement *measurement)
{
  free(measurement->series);
  measurement->series = NULL;
  measurement->series_count = 0;
}
