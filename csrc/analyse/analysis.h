/*
** An analysis counts properties of a trace, without an allocator: the sizes
** that it asks for, how long its blocks live, and how much is live over time.
**
**   live bytes        ___
**     |          ____/   \      a point of the curve: the state after a request
**     |      ___/    |    \__
**     |   __/        |       \____
**     +---------------------------- requests
**         birth <--- lifetime ---> free
**
** A lifetime has two measures: the requests from birth to free, and the bytes
** that are allocated meanwhile. Bytes allocated are the sizes of blocks that
** are born, and what reallocs add to blocks.
**
** These hold for every trace:
**
**   allocated_bytes - freed_bytes is the number of bytes live at the end;
**   births is deaths + kept, and the bins of lifetimes sum up to deaths;
**   joint[size] and kept[size] sum up to the blocks that end with such a size.
**
** Classes are those of a geometry. A block is in the class of its size until it
** is freed, or until a realloc moves it by CPython's rule: it stays in place
** where the new size fits the block and fills more than three quarters of it.
** A block beyond the threshold is raw, and a raw block stays raw.
**
** Tested by spec/unit/analyse_spec.lua.
*/
#ifndef ANALYSIS_H
#define ANALYSIS_H

#include "analyse/bins.h"
#include "analyse/quantiles.h"
#include "trace/loaded_trace.h"

/* The sum of all sizes; a trace with more bytes is not analysed. */
#define ANALYSIS_BYTES_MAX ((uint64_t)1 << 62)

/* Numbers of the whole trace. X(name) */
#define ANALYSIS_FIGURES(X)                                            \
  X(requests)                                                          \
  X(mallocs)                                                           \
  X(callocs)                                                           \
  X(reallocs)                                                          \
  X(frees)                                                             \
  X(refused)         /* of more than PTRDIFF_MAX bytes */              \
  X(free_nothing)    /* frees of an id that was not live */            \
  X(realloc_fresh)   /* reallocs of an id that was not live */         \
  X(births)          /* blocks */                                      \
  X(deaths)          /* blocks that are freed */                       \
  X(kept)            /* blocks that are never freed */                 \
  X(kept_bytes)      /* of these at the end */                         \
  X(requested_bytes) /* of malloc, calloc and realloc */               \
  X(allocated_bytes)                                                   \
  X(freed_bytes) /* of blocks freed, and taken away by reallocs */     \
  X(peak_live_blocks)                                                  \
  X(peak_live_bytes)                                                   \
  X(peak_bytes_at)   /* the first request after which they are live */ \
  X(peak_live_small) /* bytes of the blocks in classes */              \
  X(mean_live_blocks)                                                  \
  X(mean_live_bytes) /* over all requests, after each */               \
  X(chains)          /* blocks that are resized */                     \
  X(longest_chain)   /* reallocs of one block */                       \
  X(realloc_in_place)                                                  \
  X(realloc_moved)                                                     \
  X(realloc_raw) /* resizes of a raw block */                          \
  X(moved_bytes) /* that the moves copy */

struct analysis_figures {
#define X(name) uint64_t name;
  ANALYSIS_FIGURES(X)
#undef X
};

/*
** The factors by which reallocs change a size: X(numerator, denominator). For
** each there is a count of the reallocs whose factor is at most this one and
** above the one before it. GROWTH_SAME counts the reallocs to the size that the
** block has, which no other number counts, and GROWTH_MORE those above the last
** factor.
*/
#define ANALYSIS_GROWTHS(X) \
  X(1, 2) X(1, 1) X(9, 8) X(5, 4) X(3, 2) X(2, 1) X(4, 1)

#define X(numerator, denominator) +1
enum { GROWTH_SAME = 0 ANALYSIS_GROWTHS(X), GROWTH_MORE, GROWTH_COUNT };
#undef X

/* Numbers of a class, or of raw. X(name) */
#define CLASS_FIGURES(X)                                    \
  X(blocks)          /* that came into the class */         \
  X(requested_bytes) /* of these when they came */          \
  X(kept)            /* that are in it at the end */        \
  X(peak_blocks)                                            \
  X(young)      /* that left within the limit of 'young' */ \
  X(moved_away) /* that a realloc took out of it */

struct class_figures {
#define X(name) uint64_t name;
  CLASS_FIGURES(X)
#undef X
  uint64_t stays[BIN_COUNT]; /* blocks by the requests they stay in the class */
};

/* Numbers of a site; bytes are those of the blocks when they end. X(name) */
#define SITE_FIGURES(X)                            \
  X(blocks)                                        \
  X(bytes)                                         \
  X(young) /* freed within the limit of 'young' */ \
  X(young_bytes)                                   \
  X(kept) /* never freed */                        \
  X(kept_bytes)                                    \
  X(lifetimes) /* the sum of those of blocks that are freed, in requests */

struct site_figures {
#define X(name) uint64_t name;
  SITE_FIGURES(X)
#undef X
};

/* The state after a request. */
struct live_point {
  uint64_t request, live_blocks, live_bytes, live_small;
};

struct analysis {
  /* of the caller */
  size_t alignment, threshold;   /* of the geometry */
  uint64_t young;                /* a lifetime below this is a short one */
  size_t point_count;            /* at most the number of requests */
  uint64_t *sizes_exact;         /* threshold + 1 numbers: requests by size */
  struct class_figures *classes; /* for each class, and raw behind them */
  struct site_figures *sites;    /* for each site, [0] for none */
  struct live_point *curve;      /* point_count */

  /*
  ** Filled by analysis_run, all of 64 bits. Lifetimes are those of blocks that
  ** are freed.
  */
  struct analysis_figures figures;
  struct bins sizes;          /* of requests, by size */
  struct bins lifetimes;      /* in requests */
  struct bins byte_lifetimes; /* in bytes allocated */
  struct bins chain_lengths;  /* blocks that are resized, by reallocs */
  uint64_t growths[GROWTH_COUNT];
  struct bins joint[BIN_COUNT]; /* by the block's size, then lifetime */
  struct bins kept;             /* blocks that are never freed, by size */
  uint64_t size_quantiles[QUANTILE_COUNT]; /* of the sizes of requests */
  uint64_t lifetime_quantiles[QUANTILE_COUNT];
  uint64_t byte_lifetime_quantiles[QUANTILE_COUNT];
};

enum analysis_status { ANALYSIS_DONE, ANALYSIS_NO_MEMORY, ANALYSIS_TOO_LARGE };

/*
** Analyses a trace in which no id is made live twice. All that it fills is
** zero before. After another status than ANALYSIS_DONE it is not complete.
*/
enum analysis_status analysis_run(struct analysis *analysis,
                                  const struct loaded_trace *trace);

#endif
