/*
** Measures a heap while the requests of a loaded trace run on it: how many
** bytes it holds and how many of them are live after each request, and of
** which kinds the others are when it holds the most.
**
**   held = live + rounding + headers + free + unused          [at the peak]
**
**   rounding  ends of live blocks that were not requested
**   headers   bytes of pools in use that no block can have, and bytes of
**             arenas that no pool can have
**   free      blocks of pools in use that are not live
**   unused    pools without a live block
**
** The peak is the moment when the most bytes are held; of several such moments,
** the first of those with the most live bytes. The trace is run twice: the
** second pass ends at the peak, where the kinds are counted by a walk over the
** heap. Bytes are "live" if they are requested and
** live in pools; "total" adds the live bytes of requests that raw serves to
** both the held and the live ones.
**
** A heap with a cache counts free blocks of the cache as 'free'. Its touched
** pages may miss blocks that went through the cache and were never served.
**
** Tested by spec/unit/experiment_measures_spec.lua.
*/
#ifndef MEASURE_H
#define MEASURE_H

#include "trace/loaded_trace.h"
#include "trace/replay_stats.h"

/* Bytes after a request. */
struct measure_point {
  uint64_t requests; /* done */
  uint64_t held, live, total, total_live;
};

struct measurement {
  struct replay_stats replayed;
  pym_stats stats; /* at the end */
  struct measure_point end;
  struct measure_point peak; /* the most are held, and then the most live */
  struct measure_point total_peak;          /* the same for 'total' */
  uint64_t rounding, headers, free, unused; /* at the peak */
  double held_mean, live_mean, total_mean, total_live_mean;
  uint64_t page_calls;    /* of pym_pages, without the end of the heap */
  uint64_t touched_pages; /* of MEASURE_PAGE_BYTES: a pool header or a carved
                             block has covered a byte of them */
  struct measure_point *series;
  size_t series_count; /* the smaller of the points wanted and the requests */
};

#define MEASURE_PAGE_BYTES ((size_t)4096)

/* Are more bytes held than at the peak, or as many, of which more are live? */
static inline bool measure_is_more(uint64_t held, uint64_t live,
                                   uint64_t peak_held, uint64_t peak_live)
{
  return held > peak_held || (held == peak_held && live > peak_live);
}

/*
** Measures; point i of n in the series is after request i * count / n. false:
** there is no memory. measurement_close frees the series in either case.
*/
bool measure_trace(const struct loaded_trace *loaded,
                   const pym_options *options, size_t series_count,
                   struct measurement *measurement);

void measurement_close(struct measurement *measurement);

#endif
