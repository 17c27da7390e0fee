/*
** The statistics of a replay, from its first request on. Bytes are sizes that
** were asked for, of requests that were served.
*/
#ifndef REPLAY_STATS_H
#define REPLAY_STATS_H

#include "base/base.h"

struct replay_stats {
  uint64_t requests; /* a, c, r and f lines: OPNO of the last one */
  uint64_t mallocs, callocs, reallocs, frees;
  uint64_t small;   /* a, c, r that a pool served */
  uint64_t raw;     /* a, c, r that raw served */
  uint64_t refused; /* a, c, r that got NULL */
  uint64_t malloc_bytes, calloc_bytes, realloc_bytes;
  uint64_t realloc_in_place; /* a block stayed where it is in its pool */
  uint64_t realloc_moved;    /* a block left its place in a pool */
  uint64_t realloc_raw;      /* the old block was raw */
  uint64_t realloc_fresh;    /* the id was not live: a malloc */
  uint64_t free_nothing;     /* the id was not live: free(NULL) */
  uint64_t live_blocks, live_bytes, live_small_bytes;
  uint64_t peak_live_blocks, peak_live_bytes, peak_live_small_bytes;
};

static inline void replay_stats_raise(uint64_t *peak, uint64_t value)
{
  if (value > *peak)
    *peak = value;
}

/* Counts a served request, by a pool or by raw. */
static inline void replay_stats_served(struct replay_stats *stats,
                                       bool is_small)
{
  if (is_small)
    stats->small++;
  else
    stats->raw++;
}

/* Counts a block that becomes live. */
static inline void replay_stats_birth(struct replay_stats *stats,
                                      uint64_t bytes, bool is_small)
{
  stats->live_blocks++;
  stats->live_bytes += bytes;
  replay_stats_raise(&stats->peak_live_blocks, stats->live_blocks);
  replay_stats_raise(&stats->peak_live_bytes, stats->live_bytes);
  if (!is_small)
    return;
  stats->live_small_bytes += bytes;
  replay_stats_raise(&stats->peak_live_small_bytes, stats->live_small_bytes);
}

/* Counts a block that is live no more. */
static inline void replay_stats_death(struct replay_stats *stats,
                                      uint64_t bytes, bool is_small)
{
  assert(stats->live_blocks > 0 && bytes <= stats->live_bytes);
  stats->live_blocks--;
  stats->live_bytes -= bytes;
  if (is_small)
    stats->live_small_bytes -= bytes;
}

/* Counts the resize of a live block. */
static inline void replay_stats_resize(struct replay_stats *stats,
                                       bool was_small, bool has_moved)
{
  if (!was_small)
    stats->realloc_raw++;
  else if (has_moved)
    stats->realloc_moved++;
  else
    stats->realloc_in_place++;
}

#endif
