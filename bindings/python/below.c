#include "below.h"

#include "state/heap.h"

#define LARGE_BYTES ((size_t)64 << 10)
#define RESIZE_SHIFT 3 /* an eighth */

/* The owner's blocks are about to grow. */
static void make_room(struct below *below, size_t bytes)
{
  struct region *region = &below->heap->region;
  below->owed_bytes += bytes;
  if (below->owed_bytes < region->slot_bytes)
    return;
  (void)region_trim(region, below->owed_bytes);
  below->owed_bytes = 0;
  below->seen_retained = region->retained_count;
}

/* Are there more blocks than when arenas were last released? */
static bool has_grown(struct below *below)
{
  size_t retained = below->heap->region.retained_count;
  if (retained > below->seen_retained) {
    below->most_raw_blocks = below->heap->raw_blocks;
    below->owed_bytes = 0;
  }
  below->seen_retained = retained;
  if (below->heap->raw_blocks < below->most_raw_blocks)
    return false;
  below->most_raw_blocks = below->heap->raw_blocks + 1;
  return true;
}

static bool has_retained(const struct below *below)
{
  return below->heap != NULL && below->heap->region.retained_count > 0;
}

static void make_room_for_new(struct below *below, size_t bytes)
{
  if (has_retained(below) && (has_grown(below) || bytes >= LARGE_BYTES))
    make_room(below, bytes);
}

static void *below_malloc(void *context, size_t bytes)
{
  struct below *below = context;
  make_room_for_new(below, bytes);
  return below->owner.malloc(below->owner.context, bytes);
}

static void *below_calloc(void *context, size_t count, size_t bytes)
{
  struct below *below = context;
  make_room_for_new(below, count * bytes);
  return below->owner.calloc(below->owner.context, count, bytes);
}

static void *below_realloc(void *context, void *old, size_t bytes)
{
  struct below *below = context;
  if (has_retained(below) && bytes >= LARGE_BYTES)
    make_room(below, bytes >> RESIZE_SHIFT);
  return below->owner.realloc(below->owner.context, old, bytes);
}

static void below_free(void *context, void *freed)
{
  const struct below *below = context;
  below->owner.free(below->owner.context, freed);
}

pym_raw below_as_raw(struct below *below)
{
  return (pym_raw){.context = below,
                   .malloc = below_malloc,
                   .calloc = below_calloc,
                   .realloc = below_realloc,
                   .free = below_free};
}
