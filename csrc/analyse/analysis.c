#include "analyse/analysis_parts.h"

#include <stdlib.h>

/* The request of the next point of the curve. */
static uint64_t point_request(const struct analyst *analyst)
{
  size_t count = analyst->out->point_count;
  return analyst->trace->count * (analyst->next_point + 1) / count;
}

static void add_point(struct analyst *analyst, uint32_t number)
{
  analyst->out->curve[analyst->next_point++] = (struct live_point){
      number, analyst->live_blocks, analyst->live_bytes, analyst->live_small};
}

/* Counts the size of a request that is served. */
static void add_size(struct analyst *analyst, uint64_t bytes)
{
  struct analysis *out = analyst->out;
  out->figures.requested_bytes += bytes;
  bins_add(&out->sizes, bytes, bytes);
  if (bytes <= out->threshold)
    out->sizes_exact[bytes]++;
  analyst->sizes[analyst->size_count++] = bytes;
}

static void count_letter(struct analysis_figures *figures,
                         enum trace_letter letter)
{
  figures->requests++;
  figures->mallocs += letter == TRACE_MALLOC;
  figures->callocs += letter == TRACE_CALLOC;
  figures->reallocs += letter == TRACE_REALLOC;
  figures->frees += letter == TRACE_FREE;
}

static void count_request(struct analyst *analyst,
                          const struct request *request, uint32_t number)
{
  struct analysis_figures *figures = &analyst->out->figures;
  struct life *life = life_of(analyst->lives, request);
  count_letter(figures, request->letter);
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (life_step_of(life, request)) {
  /* GCOVR_EXCL_BR_STOP */
  case LIFE_NOTHING:
    figures->free_nothing++;
    break;
  case LIFE_REFUSED:
    figures->refused++;
    break;
  case LIFE_BEGINS:
    add_size(analyst, request->bytes);
    analyst_begin(analyst, life, request, number);
    break;
  case LIFE_CHANGES:
    add_size(analyst, request->bytes);
    analyst_change(analyst, life, request->bytes, number);
    break;
  case LIFE_ENDS:
    analyst_end(analyst, life, number);
    break;
  }
  analyst->sum_blocks += (double)analyst->live_blocks;
  analyst->sum_bytes += (double)analyst->live_bytes;
}

/* false: the sizes are too large to be summed up. */
static bool count_requests(struct analyst *analyst)
{
  const struct loaded_trace *trace = analyst->trace;
  uint64_t next = trace->count == 0 ? 0 : point_request(analyst);
  for (size_t i = 0; i < trace->count; i++) {
    const struct request *request = &trace->items[i];
    if (request->bytes <= REQUEST_MAX_64 &&
        request->bytes >
            ANALYSIS_BYTES_MAX - analyst->out->figures.requested_bytes)
      return false;
    count_request(analyst, request, (uint32_t)i + 1);
    if (i + 1 == next) {
      add_point(analyst, (uint32_t)i + 1);
      next = point_request(analyst);
    }
  }
  return true;
}

/* Counts what is known at the end of the trace. */
static void finish(struct analyst *analyst)
{
  struct analysis *out = analyst->out;
  double count = (double)analyst->trace->count;
  for (size_t i = 0; i < analyst->trace->handle_count; i++)
    if (analyst->lives[i].born != 0)
      analyst_keep(analyst, &analyst->lives[i]);
  if (count > 0) {
    out->figures.mean_live_blocks = (uint64_t)(analyst->sum_blocks / count);
    out->figures.mean_live_bytes = (uint64_t)(analyst->sum_bytes / count);
  }
  quantiles_read(analyst->sizes, analyst->room, analyst->size_count,
                 out->size_quantiles);
  quantiles_read(analyst->lifetimes, analyst->room, analyst->death_count,
                 out->lifetime_quantiles);
  quantiles_read(analyst->byte_lifetimes, analyst->room, analyst->death_count,
                 out->byte_lifetime_quantiles);
  assert(out->figures.births == out->figures.deaths + out->figures.kept);
  assert(out->figures.allocated_bytes - out->figures.freed_bytes ==
         out->figures.kept_bytes);
}

/* false: there is no memory. */
static bool open_lists(struct analyst *analyst)
{
  size_t count = analyst->trace->count;
  analyst->lives =
      calloc(analyst->trace->handle_count + 1, sizeof analyst->lives[0]);
  analyst->in_class = calloc(analyst->raw + 1, sizeof analyst->in_class[0]);
  analyst->numbers = calloc(4 * count + 1, sizeof analyst->numbers[0]);
  if (analyst->lives == NULL || analyst->in_class == NULL ||
      analyst->numbers == NULL)
    return false;
  analyst->sizes = analyst->numbers;
  analyst->lifetimes = analyst->numbers + count;
  analyst->byte_lifetimes = analyst->numbers + 2 * count;
  analyst->room = analyst->numbers + 3 * count;
  return true;
}

enum analysis_status analysis_run(struct analysis *analysis,
                                  const struct loaded_trace *trace)
{
  enum analysis_status status = ANALYSIS_NO_MEMORY;
  struct analyst analyst = {.out = analysis,
                            .trace = trace,
                            .raw = analysis->threshold / analysis->alignment,
                            .shift = log2_of(analysis->alignment)};
  assert(trace->count == 0 ||
         (analysis->point_count > 0 && analysis->point_count <= trace->count));
  if (open_lists(&analyst)) {
    status = count_requests(&analyst) ? ANALYSIS_DONE : ANALYSIS_TOO_LARGE;
    if (status == ANALYSIS_DONE)
      finish(&analyst);
  }
  free(analyst.lives);
  free(analyst.in_class);
  free(analyst.numbers);
  return status;
}
