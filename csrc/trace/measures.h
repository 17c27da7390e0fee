/*
** The measures of an allocator on a trace, taken after each request: bytes held
** and live, their peaks and means, the kinds of bytes at the peak, and a series
** of points. The heap (trace/measure.h), the simulator and the oracles (csrc/lab)
** fill the same record.
**
**   peak.held = peak.live + rounding + headers + free + unused
**
**   held   bytes of arenas
**   live   bytes requested and live in pools
**   raw    bytes requested and live in blocks of the raw allocator; for
**          'total_peak', they are added to both others
**
** The peak is the moment when the most bytes are held; of several such moments,
** the first of those with the most live bytes.
**
** Tested by spec/unit/experiment_measures_spec.lua.
*/
#ifndef MEASURES_H
#define MEASURES_H

#include "base/base.h"

#define MEASURE_PAGE_BYTES ((size_t)4096)

/* Bytes after a request. */
struct measure_point {
  uint64_t requests; /* done */
  uint64_t held, live, raw;
};

/* Where the held bytes are that are not live. */
struct waste {
  uint64_t rounding; /* ends of live blocks that were not requested */
  uint64_t headers;  /* in pools in use, where no block can be; and in arenas,
                        where no pool can be */
  uint64_t free;     /* blocks of pools in use that are not live */
  uint64_t unused;   /* pools without a live block */
};

/* A sum of 128 bits. */
struct wide_sum {
  uint64_t low, high;
};

struct measures {
  uint64_t small, raw; /* requests that pools and the raw allocator served */
  struct measure_point end, peak;
  struct measure_point total_peak; /* the most bytes held and raw together */
  struct waste waste;              /* at the peak */
  uint64_t live_most;
  struct wide_sum held_sum, live_sum, raw_sum; /* over all requests */
  bool has_arenas;                             /* the next three are known */
  uint64_t arenas_highwater, arenas_obtained, arenas_released;
  bool has_pages;         /* the next two are known */
  uint64_t touched_pages; /* of MEASURE_PAGE_BYTES: a pool header or a carved
                             block has covered a byte of them */
  uint64_t system_calls;  /* for arenas, without the end of the heap */
  struct measure_point *series; /* NULL: none is wanted */
  size_t series_count;          /* points that are wanted */
  size_t series_done;
  uint64_t next_point; /* the request after which one is taken; 0: none is */
  uint64_t expected;   /* requests of the trace */
};

/*
** Begins. Point i of n in the series is after request i * expected / n; there
** are no more points than requests. false: there is no memory. A record of zeros
** has begun too, with no series.
*/
bool measures_open(struct measures *measures, size_t series_count,
                   uint64_t expected);

/* Frees the series. */
void measures_close(struct measures *measures);

/* Takes the next point of the series. */
void measures_take_point(struct measures *measures,
                         const struct measure_point *point);

/* The mean over the requests, of one sum or of two together. */
double measures_mean(const struct measures *measures,
                     const struct wide_sum *sum, const struct wide_sum *more);

static inline void wide_sum_add(struct wide_sum *sum, uint64_t value)
{
  sum->low += value;
  sum->high += sum->low < value;
}

/* Is one amount more, or equal with more live bytes? */
static inline bool measures_is_more(uint64_t amount, uint64_t live,
                                    uint64_t most, uint64_t most_live)
{
  return amount > most || (amount == most && live > most_live);
}

/*
** Notes the state after a request. Returns true if it is a new peak, whose waste
** the caller has to set.
*/
static ALWAYS_INLINE bool measures_note(struct measures *measures,
                                        const struct measure_point *point)
{
  wide_sum_add(&measures->held_sum, point->held);
  wide_sum_add(&measures->live_sum, point->live);
  wide_sum_add(&measures->raw_sum, point->raw);
  if (point->live > measures->live_most)
    measures->live_most = point->live;
  if (measures_is_more(point->held + point->raw, point->live + point->raw,
                       measures->total_peak.held + measures->total_peak.raw,
                       measures->total_peak.live + measures->total_peak.raw))
    measures->total_peak = *point;
  if (unlikely(point->requests == measures->next_point))
    measures_take_point(measures, point);
  if (likely(!measures_is_more(point->held, point->live, measures->peak.held,
                               measures->peak.live)))
    return false;
  measures->peak = *point;
  return true;
}

#endif
