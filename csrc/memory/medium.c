#include "memory/medium.h"

#include <string.h>

#define SPAN_UNITS (MEDIUM_SPAN_BYTES / MEDIUM_UNIT_BYTES)
#define FIRST_SPANS ((size_t)16)

/*
** {==================================================================
** Classes
** ===================================================================
*/

static bool is_medium(size_t bytes)
{
  return bytes >= MEDIUM_SMALLEST && bytes <= MEDIUM_LARGEST;
}

/* The class of a request: four of equal width in each doubling. */
static size_t class_of(size_t bytes)
{
  unsigned top = 63u - (unsigned)__builtin_clzll(bytes - 1); /* 9 to 12 */
  size_t quarter = (bytes - 1) >> (top - 2) & 3;
  return (size_t)(top - 9) * 4 + quarter;
}

/* The units of a block of a class. */
static size_t class_units(size_t class)
{
  return ((class % 4 + 5) << (class / 4 + 7)) / MEDIUM_UNIT_BYTES;
}

/* }================================================================== */

/*
** {==================================================================
** The bits of a span
** ===================================================================
*/

static bool bit_of(const uint64_t *words, size_t index)
{
  return (words[index / 64] >> index % 64 & 1) != 0;
}

static void flip(uint64_t *words, size_t index)
{
  words[index / 64] ^= (uint64_t)1 << index % 64;
}

/* Flips the bits of a run of at most 64 units. */
static void flip_run(uint64_t *words, size_t first, size_t units)
{
  uint64_t run = units == 64 ? ~(uint64_t)0 : ((uint64_t)1 << units) - 1;
  size_t shift = first % 64;
  words[first / 64] ^= run << shift;
  if (shift + units > 64)
    words[first / 64 + 1] ^= run >> (64 - shift);
}

/* The 64 bits from a unit on; those behind the span are 0. */
static uint64_t bits_from(const uint64_t *words, size_t first)
{
  size_t word = first / 64, shift = first % 64;
  uint64_t bits = words[word] >> shift;
  if (shift > 0 && word + 1 < MEDIUM_WORDS)
    bits |= words[word + 1] << (64 - shift);
  return bits;
}

/* The units of the block that begins at a unit. */
static size_t block_units(const struct span *span, size_t first)
{
  uint64_t ends = bits_from(span->ends, first);
  assert(ends != 0); /* a block has at most 64 units */
  return (size_t)__builtin_ctzll(ends) + 1;
}

/* Are 'units' units, fewer than 64, free from 'first' on? */
static bool is_run_free(const struct span *span, size_t first, size_t units)
{
  uint64_t run = ((uint64_t)1 << units) - 1;
  return first + units <= SPAN_UNITS &&
         (bits_from(span->used, first) & run) == 0;
}

/*
** The starts of free runs of 'units' in a word: bit i is set if the units i to
** i + units - 1 are free, some of which can be in the next word.
*/
static uint64_t run_starts(const struct span *span, size_t word, size_t units)
{
  uint64_t low = ~span->used[word];
  uint64_t high = word + 1 < MEDIUM_WORDS ? ~span->used[word + 1] : 0;
  for (size_t have = 1; have < units && low != 0;) { /* runs of 'have' units */
    size_t step = have < units - have ? have : units - have;
    low &= low >> step | high << (64 - step);
    high &= high >> step;
    have += step;
  }
  return low;
}

/* }================================================================== */

/*
** {==================================================================
** Blocks of spans
** ===================================================================
*/

static bool owns(const struct medium *medium, const void *address)
{
  return (uintptr_t)address - medium->region.base <
         region_span(&medium->region);
}

static size_t offset_of(const struct medium *medium, const void *address)
{
  return (uintptr_t)address - medium->region.base;
}

static struct span *span_of(const struct medium *medium, const void *address)
{
  return &medium->spans[offset_of(medium, address) / MEDIUM_SPAN_BYTES];
}

static size_t unit_of(const struct medium *medium, const void *address)
{
  return offset_of(medium, address) % MEDIUM_SPAN_BYTES / MEDIUM_UNIT_BYTES;
}

static size_t units_of(const struct medium *medium, const void *address)
{
  return block_units(span_of(medium, address), unit_of(medium, address));
}

/* Takes a free run of a span, the first one; NULL: it has none. */
static void *take_run(struct medium *medium, struct span *span, size_t units)
{
  if (span->longest < units)
    return NULL;
  for (size_t word = 0; word < MEDIUM_WORDS; word++) {
    uint64_t starts = run_starts(span, word, units);
    if (starts == 0)
      continue;
    size_t first = word * 64 + (size_t)__builtin_ctzll(starts);
    flip_run(span->used, first, units);
    flip(span->ends, first + units - 1);
    span->used_units += units;
    return (char *)medium->region.base +
           (size_t)(span - medium->spans) * MEDIUM_SPAN_BYTES +
           first * MEDIUM_UNIT_BYTES;
  }
  span->longest = units - 1;
  return NULL;
}

/* Makes records for twice as many spans. false: raw has no memory. */
static bool grow_spans(struct medium *medium)
{
  size_t count = medium->span_count == 0 ? FIRST_SPANS : medium->span_count * 2;
  if (count > medium->region.slot_count)
    count = medium->region.slot_count;
  if (count == medium->span_count)
    return false;
  struct span *spans = medium->raw.realloc(medium->raw.context, medium->spans,
                                           count * sizeof *spans);
  if (spans == NULL)
    return false;
  memset(&spans[medium->span_count], 0,
         (count - medium->span_count) * sizeof *spans);
  medium->spans = spans;
  medium->span_count = count;
  return true;
}

/* Gives pages to a span that has none. */
static bool begin_span(struct medium *medium, size_t slot)
{
  if (region_obtain(&medium->region, slot) == 0)
    return false;
  medium->spans[slot].longest = SPAN_UNITS;
  return true;
}

static void *take(struct medium *medium, size_t class)
{
  size_t units = class_units(class);
  for (size_t i = medium->lowest[class];; i++) {
    if (i == medium->span_count && !grow_spans(medium))
      return NULL;
    struct span *span = &medium->spans[i];
    if (span->used_units == 0 && span->longest == 0 && !begin_span(medium, i))
      return NULL;
    void *taken = take_run(medium, span, units);
    if (taken != NULL) {
      medium->lowest[class] = i;
      return taken;
    }
  }
}

/* Clears the bits of a block. */
static void give(struct medium *medium, void *freed)
{
  struct span *span = span_of(medium, freed);
  size_t first = unit_of(medium, freed), units = block_units(span, first);
  size_t slot = (size_t)(span - medium->spans);
  flip_run(span->used, first, units);
  flip(span->ends, first + units - 1);
  span->used_units -= units;
  span->longest = SPAN_UNITS;
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    if (medium->lowest[class] > slot)
      medium->lowest[class] = slot;
}

/* }================================================================== */

/*
** {==================================================================
** The raw allocator that stands below the heap
** ===================================================================
*/

static void *medium_malloc(void *context, size_t bytes)
{
  struct medium *medium = context;
  if (is_medium(bytes)) {
    size_t class = class_of(bytes);
    if (medium->kept_count[class] > 0)
      return medium->kept[class][--medium->kept_count[class]];
    void *taken = take(medium, class);
    if (taken != NULL)
      return taken;
  }
  return medium->raw.malloc(medium->raw.context, bytes);
}

static void *medium_calloc(void *context, size_t count, size_t bytes)
{
  struct medium *medium = context;
  size_t total = count * bytes; /* the heap above has checked it */
  if (!is_medium(total))
    return medium->raw.calloc(medium->raw.context, count, bytes);
  void *taken = medium_malloc(medium, total);
  return taken == NULL ? NULL : memset(taken, 0, total);
}

static void medium_free(void *context, void *block)
{
  struct medium *medium = context;
  if (!owns(medium, block)) {
    medium->raw.free(medium->raw.context, block);
    return;
  }
  size_t class = class_of(units_of(medium, block) * MEDIUM_UNIT_BYTES);
  if (medium->kept_count[class] < MEDIUM_KEPT)
    medium->kept[class][medium->kept_count[class]++] = block;
  else
    give(medium, block);
}

/* Makes a block of 'old' units one of 'units' where it is, if it can. */
static bool resize_in_place(struct medium *medium, void *block, size_t old,
                            size_t units)
{
  struct span *span = span_of(medium, block);
  size_t first = unit_of(medium, block);
  if (units == old)
    return true;
  if (units > old && !is_run_free(span, first + old, units - old))
    return false;
  size_t less = units < old ? units : old, more = units < old ? old : units;
  flip_run(span->used, first + less, more - less);
  flip(span->ends, first + old - 1);
  flip(span->ends, first + units - 1);
  span->used_units = span->used_units + units - old;
  if (units < old)
    span->longest = SPAN_UNITS;
  return true;
}

static void *medium_realloc(void *context, void *block, size_t bytes)
{
  struct medium *medium = context;
  if (block == NULL)
    return medium_malloc(medium, bytes);
  if (!owns(medium, block)) /* it stays raw's, whatever its size */
    return medium->raw.realloc(medium->raw.context, block, bytes);
  size_t old = units_of(medium, block);
  size_t smallest = bytes < MEDIUM_SMALLEST ? MEDIUM_SMALLEST : bytes;
  if (smallest <= MEDIUM_LARGEST &&
      resize_in_place(medium, block, old, class_units(class_of(smallest))))
    return block;
  void *moved = medium_malloc(medium, bytes);
  if (moved == NULL)
    return NULL;
  size_t old_bytes = old * MEDIUM_UNIT_BYTES;
  memcpy(moved, block, bytes < old_bytes ? bytes : old_bytes);
  medium_free(medium, block);
  return moved;
}

/* }================================================================== */

bool medium_stand_below(struct medium *medium, pym_options *options)
{
  const pym_geometry spans = {.arena_bytes = MEDIUM_SPAN_BYTES};
  *medium = (struct medium){.raw = options->raw};
  if (!region_open(&medium->region, &spans, options))
    return false;
  options->raw = (pym_raw){.context = medium,
                           .malloc = medium_malloc,
                           .calloc = medium_calloc,
                           .realloc = medium_realloc,
                           .free = medium_free};
  return true;
}

void medium_close(struct medium *medium)
{
  if (medium->spans != NULL)
    medium->raw.free(medium->raw.context, medium->spans);
  region_close(&medium->region);
}

size_t medium_trim(struct medium *medium)
{
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    while (medium->kept_count[class] > 0)
      give(medium, medium->kept[class][--medium->kept_count[class]]);
  for (size_t i = 0; i < medium->span_count; i++) {
    struct span *span = &medium->spans[i];
    if (span->used_units > 0 || span->longest == 0)
      continue;
    span->longest = 0;
    region_release(&medium->region, i);
  }
  return region_trim(&medium->region, SIZE_MAX);
}

struct medium *medium_of(const pym_raw *raw)
{
  return raw->malloc == medium_malloc ? raw->context : NULL;
}

/* [medium.spans] of one span */
static bool span_is_whole(const struct span *span)
{
  size_t used = 0;
  bool is_open = false; /* in a block whose end has not come? */
  for (size_t i = 0; i < SPAN_UNITS; i++) {
    bool is_used = bit_of(span->used, i), is_end = bit_of(span->ends, i);
    if ((is_end && !is_used) || (is_open && !is_used))
      return false;
    used += is_used;
    is_open = is_used && !is_end;
  }
  return !is_open && used == span->used_units;
}

/* [medium.kept] of one class */
static bool kept_are_whole(const struct medium *medium, size_t class)
{
  for (size_t i = 0; i < medium->kept_count[class]; i++) {
    const void *kept = medium->kept[class][i];
    if (!owns(medium, kept) ||
        !bit_of(span_of(medium, kept)->used, unit_of(medium, kept)) ||
        units_of(medium, kept) != class_units(class))
      return false;
    for (size_t k = 0; k < i; k++)
      if (medium->kept[class][k] == kept)
        return false;
  }
  return true;
}

bool medium_spans_hold(const struct medium *medium)
{
  for (size_t i = 0; i < medium->span_count; i++)
    if (!span_is_whole(&medium->spans[i]))
      return false;
  return true;
}

bool medium_kept_hold(const struct medium *medium)
{
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    if (medium->kept_count[class] > MEDIUM_KEPT ||
        !kept_are_whole(medium, class))
      return false;
  return true;
}
