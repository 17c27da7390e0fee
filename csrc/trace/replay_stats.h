/*
** What a replay counts, from its first request on. Bytes are those asked for,
** and only of requests that were served.
*/
#ifndef REPLAY_STATS_H
#define REPLAY_STATS_H

#include "base/base.h"

struct tally {
  uint64_t requests; /* a, c, r and f lines: OPNO of the last one */
  uint64_t mallocs, callocs, reallocs, frees;
  uint64_t small;   /* a, c, r that a pool served */
  uint64_t raw;     /* a, c, r that raw served */
  uint64_t refused; /* a, c, r that nobody served */
  uint64_t malloc_bytes, calloc_bytes, realloc_bytes;
  uint64_t realloc_in_place; /* a block stayed where it is in its pool */
  uint64_t realloc_moved;    /* a block left its place in a pool */
  uint64_t realloc_raw;      /* a raw block stayed raw */
  uint64_t realloc_fresh;    /* the id was not live: a malloc */
  uint64_t free_nothing;     /* the id was not live: free(NULL) */
  uint64_t live_blocks, live_bytes, live_small_bytes;
  uint64_t peak_live_blocks, peak_live_bytes, peak_live_small_bytes;
};

static inline void tally_raise(uint64_t *peak, uint64_t value)
{
  if (value > *peak)
    *peak = value;
}

/* A request for a block got one, small or raw. */
static inline void tally_served(struct tally *tally, bool is_small)
{
  if (is_small)
    tally->small++;
  else
    tally->raw++;
}

/* A block begins to be live. */
static inline void tally_birth(struct tally *tally, size_t bytes, bool is_small)
{
  tally->live_blocks++;
  tally->live_bytes += bytes;
  tally_raise(&tally->peak_live_blocks, tally->live_blocks);
  tally_raise(&tally->peak_live_bytes, tally->live_bytes);
  if (!is_small)
    return;
  tally->live_small_bytes += bytes;
  tally_raise(&tally->peak_live_small_bytes, tally->live_small_bytes);
}

/* A block ends to be live. */
static inline void tally_death(struct tally *tally, size_t bytes, bool is_small)
{
  tally->live_blocks--;
  tally->live_bytes -= bytes;
  if (is_small)
    tally->live_small_bytes -= bytes;
}

/* A live block was resized, and moved or not. */
static inline void tally_resize(struct tally *tally, bool was_small,
                                bool has_moved)
{
  if (!was_small)
    tally->realloc_raw++;
  else if (has_moved)
    tally->realloc_moved++;
  else
    tally->realloc_in_place++;
}

#endif
