#include "memory/medium.h"

#include <string.h>

#define FIRST_SPANS ((size_t)4)

/*
** The shares of 'reserve_bytes' that the ranges reserve. A limit on the bytes of
** a heap also limits these, so that one span of the large range, which is
** committed whole, is at most a sixteenth of the limit.
*/
#define RESERVE_SHARE 4
#define LARGE_RESERVE_SHARE 16

#define LARGE_SPAN_BYTES (MEDIUM_LARGEST / SPAN_BLOCK_UNITS * SPAN_UNITS)

/*
** {==================================================================
** Classes and addresses
** ===================================================================
*/

/* The class of a request of a range. */
static size_t request_class(const struct medium_range *range, size_t bytes)
{
  return medium_class_of(((bytes - 1) >> range->unit_shift) + 1);
}

/* The units that a request gets: those of its class. */
static size_t request_units(const struct medium_range *range, size_t bytes)
{
  size_t last = (bytes - 1) >> range->unit_shift; /* units needed, less one */
  unsigned top = 63u - (unsigned)__builtin_clzll(last);
  size_t units = (last | (((size_t)1 << (top - 2)) - 1)) + 1;
  assert(units == medium_class_units(request_class(range, bytes)));
  return units;
}

static struct medium_range *range_for(struct medium *medium, size_t bytes)
{
  if (bytes <= MEDIUM_FINE_LARGEST)
    return &medium->ranges[0];
  return &medium->ranges[bytes <= MEDIUM_COARSE_LARGEST ? 1 : 2];
}

/* The index of the range in which an address of a span lies. */
static size_t range_index(const struct medium *medium, const void *address)
{
  assert(medium_owns(medium, address));
  if (medium_range_owns(&medium->ranges[0], address))
    return 0;
  return medium_range_owns(&medium->ranges[1], address) ? 1 : 2;
}

/* Does a block begin at an address of a range? */
static bool has_block(const struct medium_range *range, const void *address)
{
  size_t slot = medium_slot(range, address);
  size_t inside = ((size_t)1 << range->unit_shift) - 1;
  return (medium_offset(range, address) & inside) == 0 &&
         slot < range->span_count &&
         span_has_block(&range->spans[slot], medium_unit(range, address));
}

/* }================================================================== */

/*
** {==================================================================
** Spans
** ===================================================================
*/

/* Makes records for twice as many spans. false: there are no more. */
static bool grow_spans(struct medium_range *range)
{
  const pym_raw *raw = &range->region.raw;
  size_t count = range->span_count == 0 ? FIRST_SPANS : range->span_count * 2;
  if (count > range->region.slot_count)
    count = range->region.slot_count;
  if (count == range->span_count)
    return false;
  struct span *spans =
      raw->realloc(raw->context, range->spans, count * sizeof *spans);
  if (spans == NULL)
    return false;
  memset(&spans[range->span_count], 0,
         (count - range->span_count) * sizeof *spans);
  for (size_t i = range->span_count; i < count; i++)
    spans[i].longest = SPAN_BLOCK_UNITS;
  range->spans = spans;
  range->span_count = count;
  return true;
}

/* Gives pages to a span, unless it has some. false: the system refuses. */
static bool begin_span(struct medium *medium, struct medium_range *range,
                       size_t slot)
{
  struct span *span = &range->spans[slot];
  if (span->has_pages)
    return true;
  if (region_obtain(&range->region, slot) == 0)
    return false;
  span->has_pages = true;
  range->empty_count++;
  medium->begun_bytes += range->region.slot_bytes;
  return true;
}

/* Gives the pages of a span that has no block back to the system. */
static void end_span(struct medium_range *range, size_t slot)
{
  struct span *span = &range->spans[slot];
  assert(span->has_pages && span->used_units == 0);
  span->has_pages = false;
  range->empty_count--;
  region_release(&range->region, slot);
}

static void *take_in(struct medium_range *range, size_t slot, size_t units)
{
  struct span *span = &range->spans[slot];
  size_t first = span_take(span, units);
  if (first == SPAN_UNITS)
    return NULL;
  range->empty_count -= span->used_units == units; /* its only block? */
  return (char *)range->region.base + (slot << range->span_shift) +
         (first << range->unit_shift);
}

/*
** Takes a run of the first span that has one. Once the system has refused
** pages, only spans that have some are tried.
*/
static NOINLINE void *search(struct medium *medium, struct medium_range *range,
                             size_t class)
{
  size_t units = medium_class_units(class);
  bool is_refused = false;
  for (size_t i = range->lowest[class];; i++) {
    if (!is_refused)
      range->lowest[class] = i;
    if (i == range->span_count && (is_refused || !grow_spans(range)))
      return NULL;
    if (range->spans[i].longest < units ||
        (is_refused && !range->spans[i].has_pages))
      continue;
    if (!begin_span(medium, range, i)) {
      is_refused = true;
      continue;
    }
    void *taken = take_in(range, i, units);
    if (taken != NULL)
      return taken;
  }
}

/* Takes a run for a request: of the lowest span that may have one, first. */
static NOINLINE void *take(struct medium *medium, struct medium_range *range,
                           size_t bytes)
{
  size_t class = request_class(range, bytes), slot = range->lowest[class];
  size_t units = request_units(range, bytes);
  if (slot < range->span_count && range->spans[slot].has_pages &&
      range->spans[slot].longest >= units) {
    void *taken = take_in(range, slot, units);
    if (taken != NULL)
      return taken;
  }
  return search(medium, range, class);
}

/* Lowers 'lowest' of the classes for which a span has got a run. */
static NOINLINE void lower(struct medium_range *range, size_t slot)
{
  size_t longest = range->spans[slot].longest;
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    if (range->lowest[class] > slot && medium_class_units(class) <= longest)
      range->lowest[class] = slot;
}

/* Notes that 'longest' of a span has been 'before', and may be more now. */
static void note_runs(struct medium_range *range, const struct span *span,
                      size_t before)
{
  if (span->longest > before)
    lower(range, (size_t)(span - range->spans));
}

/* Gives the units of a block back to its span. */
static void give(struct medium_range *range, void *block)
{
  struct span *span = &range->spans[medium_slot(range, block)];
  size_t before = span->longest;
  span_give(span, medium_unit(range, block));
  note_runs(range, span, before);
  if (span->used_units > 0)
    return;
  range->empty_count++;
  if (range->empty_count > range->empty_most)
    end_span(range, medium_slot(range, block));
}

/* The options say what this range reserves and retains. */
static void open_range(struct medium_range *range, size_t least, size_t most,
                       const pym_options *options)
{
  unsigned unit_shift = log2_of(most / SPAN_BLOCK_UNITS);
  const pym_geometry spans = {.arena_bytes = SPAN_UNITS << unit_shift};
  pym_options own = *options;
  own.retain_bytes = 0; /* the range retains spans itself */
  *range = (struct medium_range){.least = least,
                                 .most = most,
                                 .unit_shift = unit_shift,
                                 .span_shift = log2_of(spans.arena_bytes)};
  (void)region_open(&range->region, &spans, &own);
  range->empty_most = options->retain_bytes / spans.arena_bytes;
}

static void close_range(struct medium_range *range)
{
  const pym_raw *raw = &range->region.raw;
  if (range->spans != NULL)
    raw->free(raw->context, range->spans);
  region_close(&range->region);
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

void medium_open(struct medium *medium, const pym_options *options)
{
  bool has_large = options->retain_bytes / 2 >= LARGE_SPAN_BYTES;
  size_t large_bytes = has_large ? LARGE_SPAN_BYTES : 0;
  pym_options own = *options;
  own.reserve_bytes = options->reserve_bytes / RESERVE_SHARE;
  own.retain_bytes = (options->retain_bytes - large_bytes) / 2;
  open_range(&medium->ranges[0], MEDIUM_SMALLEST, MEDIUM_FINE_LARGEST, &own);
  open_range(&medium->ranges[1], MEDIUM_FINE_LARGEST + 1, MEDIUM_COARSE_LARGEST,
             &own);
  own.reserve_bytes =
      has_large ? options->reserve_bytes / LARGE_RESERVE_SHARE : 0;
  own.retain_bytes = large_bytes;
  open_range(&medium->ranges[2], MEDIUM_COARSE_LARGEST + 1, MEDIUM_LARGEST,
             &own);
}

void medium_close(struct medium *medium)
{
  for (size_t i = 0; i < MEDIUM_RANGES; i++)
    close_range(&medium->ranges[i]);
}

void *medium_malloc(struct medium *medium, size_t bytes)
{
  if (bytes < MEDIUM_SMALLEST || bytes > MEDIUM_LARGEST)
    return NULL;
  void *kept = medium_take_kept(medium, bytes);
  return kept != NULL ? kept : take(medium, range_for(medium, bytes), bytes);
}

void medium_give(struct medium *medium, void *block)
{
  struct medium_range *range = &medium->ranges[range_index(medium, block)];
  assert(has_block(range, block));
  give(range, block);
}

void medium_free(struct medium *medium, void *block)
{
  if (!medium_keep(medium, block))
    medium_give(medium, block);
}

size_t medium_block_bytes(const struct medium *medium, const void *block)
{
  const struct medium_range *range =
      &medium->ranges[range_index(medium, block)];
  return medium_units(range, block) << range->unit_shift;
}

bool medium_resize(struct medium_range *range, const void *block, size_t bytes)
{
  if (bytes < range->least || bytes > range->most)
    return false;
  struct span *span = &range->spans[medium_slot(range, block)];
  size_t first = medium_unit(range, block), units = request_units(range, bytes);
  size_t old = span_block_units(span, first), before = span->longest;
  if (units > old)
    return span_grow(span, first, old, units);
  assert(units < old); /* a block with as many units fits */
  span_shrink(span, first, units);
  note_runs(range, span, before);
  return true;
}

static bool is_kept(const struct medium *medium, const void *block)
{
  size_t class = medium_fine_class(medium, block);
  size_t count = class < MEDIUM_CLASSES ? medium->kept_count[class] : 0;
  for (size_t i = 0; i < count; i++)
    if (medium->kept[class][i] == block)
      return true;
  return false;
}

size_t medium_usable_size(const struct medium *medium, const void *address)
{
  size_t index = range_index(medium, address);
  if (!has_block(&medium->ranges[index], address) || is_kept(medium, address))
    return 0;
  return medium_block_bytes(medium, address);
}

size_t medium_fine_class(const struct medium *medium, const void *address)
{
  const struct medium_range *range = &medium->ranges[0];
  if (!medium_range_owns(range, address) || !has_block(range, address))
    return MEDIUM_CLASSES;
  return medium_class_of(medium_units(range, address));
}

/* Gives the pages of all spans without a block back. Returns their bytes. */
static size_t trim_range(struct medium_range *range)
{
  size_t given = 0;
  for (size_t i = 0; i < range->span_count; i++)
    if (range->spans[i].has_pages && range->spans[i].used_units == 0) {
      end_span(range, i);
      given += range->region.slot_bytes;
    }
  assert(range->empty_count == 0);
  return given;
}

size_t medium_trim(struct medium *medium)
{
  size_t given = 0;
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    while (medium->kept_count[class] > 0)
      give(&medium->ranges[0],
           medium->kept[class][--medium->kept_count[class]]);
  for (size_t i = 0; i < MEDIUM_RANGES; i++)
    given += trim_range(&medium->ranges[i]);
  return given;
}

/* }================================================================== */
