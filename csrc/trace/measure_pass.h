/*
** One pass over a loaded trace on a heap of its own. Measures are taken by
** several passes, which give equal placements: blocks have the same addresses
** relative to the base of their heap.
**
**   handle --> live[handle]: the block and the bytes asked for
*/
#ifndef MEASURE_PASS_H
#define MEASURE_PASS_H

#include "state/heap.h"
#include "trace/loaded_trace.h"
#include "trace/replay_stats.h"

struct measured_block {
  void *block; /* NULL: the handle has no live block */
  size_t bytes;
};

struct measure_pass {
  const struct loaded_trace *loaded;
  pym_heap *heap;
  struct measured_block *live; /* by handle */
  size_t next_allowance;
  size_t at;                 /* requests done */
  struct replay_stats stats; /* kept by counted requests only */
};

/*
** Makes a heap and the table of live blocks, all pages of which are touched.
** false: there is no memory; measure_pass_close may be called.
*/
bool measure_pass_open(struct measure_pass *pass,
                       const struct loaded_trace *loaded,
                       const pym_options *options);

/* Frees the live blocks and the heap. */
void measure_pass_close(struct measure_pass *pass);

/* Obeys the lines 'x' and 'o' that stand before the next request. */
void measure_pass_allow(struct measure_pass *pass);

static inline bool measure_is_small(const struct measure_pass *pass,
                                    const void *served)
{
  return heap_owns(pass->heap, served);
}

/* Counts the block that a request got, and the one that it had before. */
static inline void measure_count(struct measure_pass *pass,
                                 const struct measured_block *before,
                                 bool was_small, const void *served,
                                 size_t bytes)
{
  if (before->block != NULL)
    replay_stats_death(&pass->stats, before->bytes, was_small);
  if (served == NULL)
    return;
  bool is_small = measure_is_small(pass, served);
  replay_stats_served(&pass->stats, is_small);
  replay_stats_birth(&pass->stats, bytes, is_small);
}

static inline void measure_free(struct measure_pass *pass, uint32_t handle,
                                bool is_counted)
{
  if (handle == LOADED_TRACE_NO_HANDLE) {
    pym_free(pass->heap, NULL);
    return;
  }
  struct measured_block *live = &pass->live[handle];
  if (is_counted)
    measure_count(pass, live, measure_is_small(pass, live->block), NULL, 0);
  pym_free(pass->heap, live->block);
  live->block = NULL;
}

static inline void *measure_serve(pym_heap *heap, const struct request *request,
                                  void *old)
{
  if (request->letter == TRACE_MALLOC)
    return pym_malloc(heap, size_of_number(request->bytes));
  if (request->letter == TRACE_CALLOC)
    return pym_calloc(heap, 1, size_of_number(request->bytes));
  return pym_realloc(heap, old, size_of_number(request->bytes));
}

/*
** Runs the next request. Returns the block that it got; NULL: it was refused,
** or frees. 'is_counted' is a constant: without it the request costs only a
** look at its record.
**
** A malloc of an id that is live cannot happen: the loader of a trace checks
** that by loaded_trace_live_again.
*/
static inline void *measure_request(struct measure_pass *pass, bool is_counted)
{
  const struct request *request = &pass->loaded->items[pass->at];
  if (unlikely(pass->next_allowance < pass->loaded->allowance_count))
    measure_pass_allow(pass);
  pass->at++;
  if (request->letter == TRACE_FREE) {
    measure_free(pass, request->handle, is_counted);
    return NULL;
  }
  struct measured_block *live = &pass->live[request->handle];
  assert(request->letter == TRACE_REALLOC || live->block == NULL);
  bool was_small = is_counted && measure_is_small(pass, live->block);
  void *served = measure_serve(pass->heap, request, live->block);
  if (unlikely(served == NULL)) /* the block of the id stays as it was */
    return NULL;
  size_t bytes = (size_t)request->bytes; /* it was served, so it is a size */
  if (is_counted)
    measure_count(pass, live, was_small, served, bytes);
  *live = (struct measured_block){served, bytes};
  return served;
}

#endif
