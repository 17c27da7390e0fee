#include "memory/medium.h"

#include <string.h>

#define FIRST_SPANS ((size_t)16)
#define RESERVE_SHARE 4 /* a range reserves a quarter of reserve_bytes */

/*
** {==================================================================
** Classes and addresses
** ===================================================================
*/

/* The class for blocks of 5 to 64 units: four of equal width in a doubling. */
static size_t class_of(size_t units)
{
  assert(units > 4 && units <= SPAN_BLOCK_UNITS);
  unsigned top = 63u - (unsigned)__builtin_clzll(units - 1); /* 2 to 5 */
  return (size_t)(top - 2) * 4 + ((units - 1) >> (top - 2) & 3);
}

/* The class of a request of a range. */
static size_t request_class(const struct medium_range *range, size_t bytes)
{
  return class_of(((bytes - 1) >> range->unit_shift) + 1);
}

static struct medium_range *range_for(struct medium *medium, size_t bytes)
{
  return &medium->ranges[bytes > MEDIUM_FINE_LARGEST];
}

static size_t offset_in(const struct medium_range *range, const void *address)
{
  return (uintptr_t)address - range->region.base;
}

static bool range_owns(const struct medium_range *range, const void *address)
{
  return offset_in(range, address) < region_span(&range->region);
}

/* The range in which an address of a span lies. */
static const struct medium_range *range_of(const struct medium *medium,
                                           const void *address)
{
  assert(medium_owns(medium, address));
  return &medium->ranges[!range_owns(&medium->ranges[0], address)];
}

static size_t slot_of(const struct medium_range *range, const void *address)
{
  return offset_in(range, address) >> range->span_shift;
}

static size_t unit_of(const struct medium_range *range, const void *address)
{
  return offset_in(range, address) >> range->unit_shift & (SPAN_UNITS - 1);
}

static size_t units_of(const struct medium_range *range, const void *block)
{
  return span_block_units(&range->spans[slot_of(range, block)],
                          unit_of(range, block));
}

static bool is_fine(const struct medium *medium,
                    const struct medium_range *range)
{
  return range == &medium->ranges[0];
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
  bool was_empty = span->used_units == 0;
  size_t first = span_take(span, units);
  if (first == SPAN_UNITS)
    return NULL;
  range->empty_count -= was_empty;
  return (char *)range->region.base + (slot << range->span_shift) +
         (first << range->unit_shift);
}

/* Once the system has refused pages, only spans that have some are tried. */
static void *take(struct medium *medium, struct medium_range *range,
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

/* Lowers 'lowest' of the classes for which a span has got a run. */
static void note_runs(struct medium_range *range, size_t slot, size_t before)
{
  size_t longest = range->spans[slot].longest;
  for (size_t class = 0; class < MEDIUM_CLASSES && longest > before; class ++)
    if (range->lowest[class] > slot && medium_class_units(class) <= longest)
      range->lowest[class] = slot;
}

static void give(struct medium_range *range, void *block)
{
  size_t slot = slot_of(range, block);
  struct span *span = &range->spans[slot];
  size_t before = span->longest;
  span_give(span, unit_of(range, block));
  note_runs(range, slot, before);
  if (span->used_units > 0)
    return;
  range->empty_count++;
  if (range->empty_count > range->empty_most)
    end_span(range, slot);
}

static void open_range(struct medium_range *range, unsigned unit_shift,
                       const pym_options *options)
{
  const pym_geometry spans = {.arena_bytes = SPAN_UNITS << unit_shift};
  pym_options own = *options;
  own.reserve_bytes = options->reserve_bytes / RESERVE_SHARE;
  own.retain_bytes = 0; /* the range retains spans itself */
  *range = (struct medium_range){.unit_shift = unit_shift,
                                 .span_shift = log2_of(spans.arena_bytes)};
  (void)region_open(&range->region, &spans, &own);
  range->empty_most = options->retain_bytes / MEDIUM_RANGES / spans.arena_bytes;
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
  open_range(&medium->ranges[0],
             log2_of(MEDIUM_FINE_LARGEST / SPAN_BLOCK_UNITS), options);
  open_range(&medium->ranges[1], log2_of(MEDIUM_LARGEST / SPAN_BLOCK_UNITS),
             options);
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
  struct medium_range *range = range_for(medium, bytes);
  size_t class = request_class(range, bytes);
  if (is_fine(medium, range) && medium->kept_count[class] > 0)
    return medium->kept[class][--medium->kept_count[class]];
  return take(medium, range, class);
}

void medium_free(struct medium *medium, void *block)
{
  struct medium_range *range =
      &medium->ranges[range_of(medium, block) - medium->ranges];
  assert(span_has_block(&range->spans[slot_of(range, block)],
                        unit_of(range, block)));
  if (is_fine(medium, range)) {
    size_t class = class_of(units_of(range, block));
    if (medium->kept_count[class] < MEDIUM_KEPT_MOST) {
      medium->kept[class][medium->kept_count[class]++] = block;
      return;
    }
  }
  give(range, block);
}

size_t medium_block_bytes(const struct medium *medium, const void *block)
{
  const struct medium_range *range = range_of(medium, block);
  return units_of(range, block) << range->unit_shift;
}

bool medium_resize(struct medium *medium, void *block, size_t bytes)
{
  struct medium_range *range = range_for(medium, bytes);
  if (bytes < MEDIUM_SMALLEST || bytes > MEDIUM_LARGEST ||
      !range_owns(range, block))
    return false;
  size_t slot = slot_of(range, block), before = range->spans[slot].longest;
  bool is_resized =
      span_resize(&range->spans[slot], unit_of(range, block),
                  medium_class_units(request_class(range, bytes)));
  note_runs(range, slot, before);
  return is_resized;
}

static bool is_kept(const struct medium *medium, const void *block)
{
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    for (size_t i = 0; i < medium->kept_count[class]; i++)
      if (medium->kept[class][i] == block)
        return true;
  return false;
}

/* Does a block begin at an address of a range? */
static bool has_block(const struct medium_range *range, const void *address)
{
  size_t slot = slot_of(range, address);
  size_t inside = ((size_t)1 << range->unit_shift) - 1;
  return (offset_in(range, address) & inside) == 0 &&
         slot < range->span_count &&
         span_has_block(&range->spans[slot], unit_of(range, address));
}

size_t medium_usable_size(const struct medium *medium, const void *address)
{
  if (!has_block(range_of(medium, address), address) ||
      is_kept(medium, address))
    return 0;
  return medium_block_bytes(medium, address);
}

size_t medium_fine_class(const struct medium *medium, const void *address)
{
  const struct medium_range *range = &medium->ranges[0];
  if (!range_owns(range, address) || !has_block(range, address))
    return MEDIUM_CLASSES;
  return class_of(units_of(range, address));
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
