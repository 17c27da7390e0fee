#include "upstream.h"

#include "state/heap.h"

#define LARGE_BYTES ((size_t)64 << 10)
#define OWED_BYTES ((size_t)64 << 10) /* growth before pages go back */
#define RESIZE_SHIFT 3                /* an eighth */

/* The blocks of the previous allocator are about to grow by 'bytes'. */
static void make_room(struct upstream *upstream, size_t bytes)
{
  struct region *region = &upstream->heap->region;
  size_t paid = bytes < upstream->ahead_bytes ? bytes : upstream->ahead_bytes;
  upstream->ahead_bytes -= paid;
  upstream->owed_bytes += bytes - paid;
  if (upstream->owed_bytes < OWED_BYTES)
    return;
  size_t given = region_trim(region, upstream->owed_bytes);
  if (given > upstream->owed_bytes)
    upstream->ahead_bytes = given - upstream->owed_bytes;
  upstream->owed_bytes = 0;
  upstream->seen_retained = region->retained_count;
}

/* Are there more raw blocks than when an arena was last released? */
static bool has_grown(struct upstream *upstream)
{
  size_t retained = upstream->heap->region.retained_count;
  if (retained > upstream->seen_retained) {
    upstream->most_raw_blocks = upstream->heap->raw_blocks;
    upstream->owed_bytes = upstream->ahead_bytes = 0;
  }
  upstream->seen_retained = retained;
  if (upstream->heap->raw_blocks < upstream->most_raw_blocks)
    return false;
  upstream->most_raw_blocks = upstream->heap->raw_blocks + 1;
  return true;
}

static bool has_retained(const struct upstream *upstream)
{
  return upstream->heap != NULL && upstream->heap->region.retained_count > 0;
}

static void make_room_for_new(struct upstream *upstream, size_t bytes)
{
  if (has_retained(upstream) && (has_grown(upstream) || bytes >= LARGE_BYTES))
    make_room(upstream, bytes);
}

static void *upstream_malloc(void *context, size_t bytes)
{
  struct upstream *upstream = context;
  make_room_for_new(upstream, bytes);
  return upstream->previous.malloc(upstream->previous.context, bytes);
}

static void *upstream_calloc(void *context, size_t count, size_t bytes)
{
  struct upstream *upstream = context;
  make_room_for_new(upstream, count * bytes);
  return upstream->previous.calloc(upstream->previous.context, count, bytes);
}

static void *upstream_realloc(void *context, void *old, size_t bytes)
{
  struct upstream *upstream = context;
  if (has_retained(upstream) && bytes >= LARGE_BYTES)
    make_room(upstream, bytes >> RESIZE_SHIFT);
  return upstream->previous.realloc(upstream->previous.context, old, bytes);
}

static void upstream_free(void *context, void *freed)
{
  const struct upstream *upstream = context;
  upstream->previous.free(upstream->previous.context, freed);
}

pym_raw upstream_as_raw(struct upstream *upstream)
{
  return (pym_raw){.context = upstream,
                   .malloc = upstream_malloc,
                   .calloc = upstream_calloc,
                   .realloc = upstream_realloc,
                   .free = upstream_free};
}
