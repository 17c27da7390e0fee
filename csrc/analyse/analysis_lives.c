#include "analyse/analysis_parts.h"
#include "state/heap.h"

/*
** {==================================================================
** Classes
** ===================================================================
*/

static inline uint32_t class_of(const struct analyst *analyst, uint64_t bytes)
{
  return bytes - 1 < analyst->out->threshold /* 0 wraps around */
             ? (uint32_t)((bytes - 1) >> analyst->shift)
             : (uint32_t)analyst->raw;
}

static inline bool is_small(const struct analyst *analyst,
                            const struct life *life)
{
  return life->class < analyst->raw;
}

static void enter_class(struct analyst *analyst, struct life *life,
                        uint32_t number)
{
  life->class = class_of(analyst, life->bytes);
  life->placed = number;
  struct class_figures *figures = &analyst->out->classes[life->class];
  uint64_t now = ++analyst->in_class[life->class];
  figures->blocks++;
  figures->requested_bytes += life->bytes;
  figures->peak_blocks =
      now > figures->peak_blocks ? now : figures->peak_blocks;
}

static void leave_class(struct analyst *analyst, const struct life *life,
                        uint32_t number)
{
  struct class_figures *figures = &analyst->out->classes[life->class];
  uint64_t stay = number - life->placed;
  assert(analyst->in_class[life->class] > 0);
  analyst->in_class[life->class]--;
  figures->young += stay < analyst->out->young;
  figures->stays[bin_of(stay)]++;
}

/* }================================================================== */

/*
** {==================================================================
** Live bytes
** ===================================================================
*/

static inline void raise(uint64_t *peak, uint64_t value)
{
  *peak = value > *peak ? value : *peak;
}

static void add_live(struct analyst *analyst, const struct life *life,
                     uint32_t number)
{
  struct analysis_figures *figures = &analyst->out->figures;
  analyst->live_blocks++;
  analyst->live_bytes += life->bytes;
  analyst->live_small += is_small(analyst, life) ? life->bytes : 0;
  raise(&figures->peak_live_blocks, analyst->live_blocks);
  raise(&figures->peak_live_small, analyst->live_small);
  if (analyst->live_bytes <= figures->peak_live_bytes)
    return;
  figures->peak_live_bytes = analyst->live_bytes;
  figures->peak_bytes_at = number;
}

static void take_live(struct analyst *analyst, const struct life *life)
{
  assert(analyst->live_blocks > 0 && analyst->live_bytes >= life->bytes);
  analyst->live_blocks--;
  analyst->live_bytes -= life->bytes;
  analyst->live_small -= is_small(analyst, life) ? life->bytes : 0;
}

/* }================================================================== */

/*
** {==================================================================
** Lives
** ===================================================================
*/

void analyst_begin(struct analyst *analyst, struct life *life,
                   const struct request *request, uint32_t number)
{
  struct analysis_figures *figures = &analyst->out->figures;
  *life = (struct life){.bytes = request->bytes,
                        .clock = figures->allocated_bytes + request->bytes,
                        .born = number};
  figures->births++;
  figures->realloc_fresh += request->letter == TRACE_REALLOC;
  figures->allocated_bytes += request->bytes;
  enter_class(analyst, life, number);
  add_live(analyst, life, number);
}

/* Counts a block at its end, or at that of the trace. */
static void count_block(struct analyst *analyst, const struct life *life)
{
  struct analysis *out = analyst->out;
  struct site_figures *site =
      &out->sites[loaded_trace_site(analyst->trace, life->born)];
  site->blocks++;
  site->bytes += life->bytes;
  if (life->resizes == 0)
    return;
  out->figures.chains++;
  raise(&out->figures.longest_chain, life->resizes);
  bins_add(&out->chain_lengths, life->resizes, life->bytes);
}

void analyst_end(struct analyst *analyst, struct life *life, uint32_t number)
{
  struct analysis *out = analyst->out;
  uint64_t lifetime = number - life->born;
  uint64_t clock = out->figures.allocated_bytes - life->clock;
  struct site_figures *site =
      &out->sites[loaded_trace_site(analyst->trace, life->born)];
  leave_class(analyst, life, number);
  take_live(analyst, life);
  count_block(analyst, life);
  out->figures.deaths++;
  out->figures.freed_bytes += life->bytes;
  bins_add(&out->lifetimes, lifetime, life->bytes);
  bins_add(&out->byte_lifetimes, clock, life->bytes);
  bins_add(&out->joint[bin_of(life->bytes)], lifetime, life->bytes);
  analyst->lifetimes[analyst->death_count] = lifetime;
  analyst->byte_lifetimes[analyst->death_count++] = clock;
  site->lifetimes += lifetime;
  if (lifetime < out->young) {
    site->young++;
    site->young_bytes += life->bytes;
  }
  life->born = 0;
}

void analyst_keep(struct analyst *analyst, const struct life *life)
{
  struct analysis *out = analyst->out;
  struct site_figures *site =
      &out->sites[loaded_trace_site(analyst->trace, life->born)];
  count_block(analyst, life);
  out->figures.kept++;
  out->figures.kept_bytes += life->bytes;
  out->classes[life->class].kept++;
  bins_add(&out->kept, life->bytes, life->bytes);
  site->kept++;
  site->kept_bytes += life->bytes;
}

/* }================================================================== */

/*
** {==================================================================
** Reallocs
** ===================================================================
*/

struct fraction {
  unsigned numerator, denominator;
};

static const struct fraction growths[] = {
#define X(numerator, denominator) {numerator, denominator},
    ANALYSIS_GROWTHS(X)
#undef X
};

/*
** Is 'bytes' at most 'old_bytes' times a fraction? The product does not
** overflow: the sizes of a trace add up to at most ANALYSIS_BYTES_MAX, which is
** 2^62, and the fraction is at most 4.
*/
static bool is_within(uint64_t bytes, uint64_t old_bytes,
                      const struct fraction *fraction)
{
  return bytes <= old_bytes / fraction->denominator * fraction->numerator +
                      old_bytes % fraction->denominator * fraction->numerator /
                          fraction->denominator;
}

/* The place of a realloc in 'growths' of struct analysis. */
static size_t growth_of(uint64_t bytes, uint64_t old_bytes)
{
  if (bytes == old_bytes)
    return GROWTH_SAME;
  for (size_t i = 0; i < GROWTH_SAME; i++)
    if (is_within(bytes, old_bytes, &growths[i]))
      return i;
  return GROWTH_MORE;
}

/* Moves a block by CPython's rule, or leaves it where it is. */
static void replace(struct analyst *analyst, struct life *life, uint32_t number)
{
  struct analysis *out = analyst->out;
  size_t block_bytes = ((size_t)life->class + 1) << analyst->shift;
  if (!is_small(analyst, life)) {
    out->figures.realloc_raw++;
  } else if (heap_fits_in_place(life->bytes, block_bytes)) {
    out->figures.realloc_in_place++;
  } else {
    out->figures.realloc_moved++;
    out->figures.moved_bytes +=
        life->bytes < block_bytes ? life->bytes : block_bytes;
    out->classes[life->class].moved_away++;
    leave_class(analyst, life, number);
    enter_class(analyst, life, number);
  }
}

void analyst_change(struct analyst *analyst, struct life *life, uint64_t bytes,
                    uint32_t number)
{
  struct analysis *out = analyst->out;
  uint64_t old_bytes = life->bytes;
  out->growths[growth_of(bytes, old_bytes)]++;
  if (bytes > old_bytes)
    out->figures.allocated_bytes += bytes - old_bytes;
  else
    out->figures.freed_bytes += old_bytes - bytes;
  take_live(analyst, life);
  life->bytes = bytes;
  life->resizes++;
  replace(analyst, life, number);
  add_live(analyst, life, number);
}

/* }================================================================== */
