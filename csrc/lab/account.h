/*
** The figures of a placement, taken after each request: bytes held, bytes live,
** their peaks and means, the four kinds of waste at the peak, and curves.
**
**   held_peak == live_peak + waste.rounding + waste.headers + waste.free
**                + waste.unused
**
** A live byte is one that was requested and not freed, in blocks of pools;
** 'all_live' has those of raw blocks too.
*/
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "base/base.h"

/* Where the held bytes are that are not live. */
struct waste {
  uint64_t rounding; /* in live blocks */
  uint64_t headers;  /* in pools in use, where no block can be */
  uint64_t free;     /* in free blocks of pools in use */
  uint64_t unused;   /* in pools without a live block, or in no pool */
};

/* Bytes after one request. */
struct moment {
  uint64_t held, live, all_live;
  struct waste waste;
};

struct curve_point {
  uint64_t request, held, live, total, total_live;
};

struct account {
  uint64_t requests;
  uint64_t requests_small, requests_raw; /* served by pools, and by raw */
  struct moment peak; /* the most are held, and then the most live */
  uint64_t live_most;
  uint64_t total_peak, total_live_peak; /* held and raw bytes together */
  double held_sum, live_sum, total_sum, all_live_sum;
  struct moment last;
  struct curve_point *points; /* NULL: none are wanted */
  size_t point_count, points_wanted;
};

/*
** Notes the moment after a request. 'expected' is the number of all requests,
** not less than points_wanted: point i of n is after request i * expected / n.
*/
void account_note(struct account *account, const struct moment *moment,
                  uint64_t expected);

#endif
