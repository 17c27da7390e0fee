/*
** Counts the blocks of spans, and checks the invariants of medium requests.
*/
#include "memory/medium.h"

/*
** {==================================================================
** Counts
** ===================================================================
*/

static void count_range(const struct medium_range *range,
                        struct medium_counts *counts)
{
  for (size_t i = 0; i < range->span_count; i++) {
    const struct span *span = &range->spans[i];
    counts->blocks += span_count_blocks(span);
    counts->bytes += (size_t)span->used_units << range->unit_shift;
    if (span->has_pages)
      counts->span_bytes += range->region.slot_bytes;
  }
}

struct medium_counts medium_count(const struct medium *medium)
{
  struct medium_counts counts = {0};
  for (size_t i = 0; i < MEDIUM_RANGES; i++)
    count_range(&medium->ranges[i], &counts);
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    for (size_t i = 0; i < medium->kept_count[class]; i++) {
      counts.blocks--;
      counts.bytes -= medium_block_bytes(medium, medium->kept[class][i]);
    }
  return counts;
}

/* }================================================================== */

/*
** {==================================================================
** Invariants
** ===================================================================
*/

/* [medium.spans] of one range */
static bool range_is_whole(const struct medium_range *range)
{
  size_t empty = 0;
  for (size_t i = 0; i < range->span_count; i++) {
    const struct span *span = &range->spans[i];
    if (!span_is_whole(span) || (!span->has_pages && span->used_units > 0))
      return false;
    empty += span->has_pages && span->used_units == 0;
  }
  return empty == range->empty_count;
}

bool medium_spans_hold(const struct medium *medium)
{
  for (size_t i = 0; i < MEDIUM_RANGES; i++)
    if (!range_is_whole(&medium->ranges[i]))
      return false;
  return true;
}

/* [medium.kept] of one class */
static bool kept_are_whole(const struct medium *medium, size_t class)
{
  for (size_t i = 0; i < medium->kept_count[class]; i++) {
    const void *kept = medium->kept[class][i];
    if (medium_fine_class(medium, kept) != class)
      return false;
    for (size_t k = 0; k < i; k++)
      if (medium->kept[class][k] == kept)
        return false;
  }
  return true;
}

bool medium_kept_hold(const struct medium *medium)
{
  for (size_t class = 0; class < MEDIUM_CLASSES; class ++)
    if (medium->kept_count[class] > medium_kept_most(class) ||
        !kept_are_whole(medium, class))
      return false;
  return true;
}

bool medium_lowest_hold(const struct medium *medium)
{
  for (size_t i = 0; i < MEDIUM_RANGES; i++)
    for (size_t class = 0; class < MEDIUM_CLASSES; class ++) {
      const struct medium_range *range = &medium->ranges[i];
      if (range->lowest[class] > range->span_count)
        return false;
      for (size_t slot = 0; slot < range->lowest[class]; slot++)
        if (range->spans[slot].longest >= medium_class_units(class))
          return false;
    }
  return true;
}

/* }================================================================== */
