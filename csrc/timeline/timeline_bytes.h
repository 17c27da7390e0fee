/*
** The bytes of a timeline's heap by kind, at one time and over the whole trace.
**
**   held = live + rounding + headers + free + unused
**
**   live      bytes requested and live in pools
**   rounding  ends of live blocks that were not requested
**   headers   bytes of pools in use where no block can be, and of arenas where
**             no pool can be
**   free      blocks of pools in use that are not live
**   unused    pools without a live block
**   raw       bytes requested and live in blocks of the raw allocator
**
** A request changes the use of at most two pools, those of the block that it
** takes and of the one that it frees. So the curve looks at these pools before
** and after each request, and never walks over the heap.
**
** Tested by spec/unit/run_bytes_spec.lua.
*/
#ifndef TIMELINE_BYTES_H
#define TIMELINE_BYTES_H

#include "timeline/timeline.h"

struct timeline_bytes {
  uint64_t at; /* requests done */
  uint64_t live, raw, rounding, headers, free, unused;
  uint64_t arenas, pools; /* those held, and the pools in use */
  /* the most since the point before it; of a single point, those now */
  uint64_t live_most, raw_most, arenas_most;
};

/* Counts the bytes now by a walk over the heap and the live blocks. */
void timeline_count_bytes(const struct timeline *timeline,
                          struct timeline_bytes *bytes);

/*
** Fills 'points' with the bytes at count + 1 times from 'from' to 'to', the last
** one at 'to'; point i is at from + (to - from) * i / count. The timeline stays
** where it is. Returns the number of points: there are fewer if a request cannot
** be run.
*/
size_t timeline_curve(struct timeline *timeline, uint64_t from, uint64_t to,
                      size_t count, struct timeline_bytes *points);

#endif
