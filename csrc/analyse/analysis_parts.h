/*
** The state of an analysis while it goes through the requests of a trace.
**
**   analysis.c         goes through the requests, and reads the quantiles
**   analysis_lives.c   counts the blocks that begin, change and end
*/
#ifndef ANALYSIS_PARTS_H
#define ANALYSIS_PARTS_H

#include "analyse/analysis.h"
#include "analyse/life.h"

struct analyst {
  struct analysis *out;
  const struct loaded_trace *trace;
  struct life *lives; /* by handle */
  uint64_t *numbers;  /* three lists of as many numbers as requests, and room */
  uint64_t *sizes, *lifetimes, *byte_lifetimes, *room;
  size_t size_count, death_count;
  uint64_t live_blocks, live_bytes, live_small;
  double sum_blocks, sum_bytes; /* over the requests so far */
  uint64_t *in_class;           /* blocks now in each class */
  size_t raw;                   /* the number of classes */
  unsigned shift;               /* alignment is 2^shift */
  size_t next_point;
};

/* A block that begins to live, with request 'number'. */
void analyst_begin(struct analyst *analyst, struct life *life,
                   const struct request *request, uint32_t number);

/* A realloc of a live block. */
void analyst_change(struct analyst *analyst, struct life *life, uint64_t bytes,
                    uint32_t number);

/* A block that is freed. */
void analyst_end(struct analyst *analyst, struct life *life, uint32_t number);

/* A block that is never freed. */
void analyst_keep(struct analyst *analyst, const struct life *life);

#endif
