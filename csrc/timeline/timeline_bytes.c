#include "timeline/timeline_bytes.h"

#include "state/walk.h"
#include "timeline/timeline_parts.h"

/* Bytes that are kept up to date from request to request. */
struct counts {
  uint64_t live, raw;   /* requested, in pools and of the raw allocator */
  uint64_t block_bytes; /* of the live blocks in pools */
  uint64_t pools;       /* in use */
  uint64_t pool_waste;  /* of the pools in use: bytes where no block can be */
};

/* The live block of a handle, and what is read of its pool before a request. */
struct looked_at {
  const void *block; /* NULL: none */
  uint64_t bytes;    /* requested */
  bool is_small;     /* in a pool, with the next two */
  uint32_t szidx, ref_count;
};

static struct looked_at look_at(const struct timeline *timeline,
                                uint32_t handle)
{
  struct looked_at found = {0};
  if (handle == LOADED_TRACE_NO_HANDLE)
    return found;
  const struct timeline_live *live = &timeline->live[handle];
  found.block = live->block;
  if (found.block == NULL)
    return found;
  found.bytes = timeline_request_of(timeline, live)->bytes;
  found.is_small = heap_owns(timeline->heap, found.block);
  if (found.is_small) {
    const struct pool_header *pool = heap_pool_of(timeline->heap, found.block);
    found.szidx = pool->szidx;
    found.ref_count = pool->ref.count;
  }
  return found;
}

/* The bytes of a pool of a class where no block can be. */
static uint64_t waste_of(const pym_geometry *geometry, size_t szidx)
{
  return geometry->pool_bytes -
         pym_class_capacity(geometry, szidx) * pym_class_bytes(geometry, szidx);
}

/* Adds a block, or takes it away: 'sign' is 1 or -1. */
static void count_block(const struct timeline *timeline,
                        const struct looked_at *looked, uint64_t sign,
                        struct counts *counts)
{
  if (looked->block == NULL)
    return;
  if (!looked->is_small) {
    counts->raw += sign * looked->bytes;
    return;
  }
  counts->live += sign * looked->bytes;
  counts->block_bytes += sign * heap_class_bytes(timeline->heap, looked->szidx);
}

/* Adds the pool of a block that is its only one, or takes the pool away. */
static void count_pool(const struct timeline *timeline,
                       const struct looked_at *looked, uint64_t sign,
                       struct counts *counts)
{
  if (looked->block == NULL || !looked->is_small || looked->ref_count != 1)
    return;
  counts->pools += sign;
  counts->pool_waste +=
      sign * waste_of(&timeline->heap->geometry, looked->szidx);
}

/* Runs the next request and brings the counts up to date. */
static bool count_request(struct timeline *timeline, struct counts *counts)
{
  uint32_t handle = timeline->trace.items[timeline->at].handle;
  struct looked_at before = look_at(timeline, handle);
  if (!timeline_advance_to(timeline, timeline->at + 1))
    return false;
  struct looked_at after = look_at(timeline, handle);
  count_block(timeline, &before, UINT64_MAX, counts);
  count_block(timeline, &after, 1, counts);
  if (before.block != after.block) { /* a block that stays keeps its pool */
    count_pool(timeline, &before, UINT64_MAX, counts);
    count_pool(timeline, &after, 1, counts);
  }
  return true;
}

/* Adds the pools in use and their live blocks. A run has no cache of blocks. */
static void count_pools(const struct timeline *timeline, struct counts *counts)
{
  size_t slot = 0;
  const pym_heap *heap = timeline->heap;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(heap, &slot)) != NULL) {
    const struct pool_header *pool = walk_first_pool(heap, arena);
    for (; pool != NULL; pool = walk_next_pool(heap, arena, pool)) {
      if (pool_is_empty(pool))
        continue;
      counts->pools++;
      counts->pool_waste += waste_of(&heap->geometry, pool->szidx);
      counts->block_bytes +=
          pool->ref.count * heap_class_bytes(heap, pool->szidx);
    }
  }
}

/* Adds the bytes that were requested of the live blocks. */
static void count_requested(const struct timeline *timeline,
                            struct counts *counts)
{
  for (size_t i = 0; i < timeline->trace.handle_count; i++) {
    const struct timeline_live *live = &timeline->live[i];
    if (live->block == NULL)
      continue;
    uint64_t bytes = timeline_request_of(timeline, live)->bytes;
    if (heap_owns(timeline->heap, live->block))
      counts->live += bytes;
    else
      counts->raw += bytes;
  }
}

static struct counts count_now(const struct timeline *timeline)
{
  struct counts counts = {0};
  count_requested(timeline, &counts);
  count_pools(timeline, &counts);
  return counts;
}

/* The pools of all arenas: an arena may have one pool fewer than others. */
static uint64_t arena_pools(const pym_heap *heap)
{
  size_t slot = 0;
  uint64_t pools = 0;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(heap, &slot)) != NULL)
    pools += arena->ntotalpools;
  return pools;
}

static struct timeline_bytes bytes_of(const struct timeline *timeline,
                                      const struct counts *counts)
{
  const pym_geometry *geometry = &timeline->heap->geometry;
  uint64_t arenas = timeline->heap->narenas_currently_allocated;
  uint64_t pool_bytes = arena_pools(timeline->heap) * geometry->pool_bytes;
  uint64_t used = counts->pools * geometry->pool_bytes;
  assert(counts->live <= counts->block_bytes);
  assert(counts->pool_waste + counts->block_bytes <= used);
  assert(used <= pool_bytes);
  return (struct timeline_bytes){
      .at = timeline->at,
      .live = counts->live,
      .raw = counts->raw,
      .rounding = counts->block_bytes - counts->live,
      .headers =
          counts->pool_waste + arenas * geometry->arena_bytes - pool_bytes,
      .free = used - counts->pool_waste - counts->block_bytes,
      .unused = pool_bytes - used,
      .arenas = arenas,
      .pools = counts->pools,
      .live_most = counts->live,
      .raw_most = counts->raw,
      .arenas_most = arenas};
}

void timeline_count_bytes(const struct timeline *timeline,
                          struct timeline_bytes *bytes)
{
  struct counts counts = count_now(timeline);
  *bytes = bytes_of(timeline, &counts);
}

static void raise(uint64_t *most, uint64_t value)
{
  if (value > *most)
    *most = value;
}

/* Runs the requests up to 'stop', and adds the bytes there, unless one fails. */
static bool add_point(struct timeline *timeline, uint64_t stop,
                      struct counts *counts, struct timeline_bytes *point)
{
  struct counts most = {0};
  uint64_t arenas_most = 0;
  while (timeline->at < stop) {
    if (!count_request(timeline, counts))
      return false;
    raise(&most.live, counts->live);
    raise(&most.raw, counts->raw);
    raise(&arenas_most, timeline->heap->narenas_currently_allocated);
  }
  *point = bytes_of(timeline, counts);
  raise(&point->live_most, most.live);
  raise(&point->raw_most, most.raw);
  raise(&point->arenas_most, arenas_most);
  return true;
}

size_t timeline_curve(struct timeline *timeline, uint64_t from, uint64_t to,
                      size_t count, struct timeline_bytes *points)
{
  uint64_t here = timeline->at;
  assert(from <= to && to <= timeline_length(timeline) && count > 0);
  bool is_done = timeline_go_to(timeline, from);
  struct counts counts = count_now(timeline);
  size_t done = 0;
  while (is_done && done <= count) {
    uint64_t stop = from + (to - from) * done / count;
    is_done = add_point(timeline, stop, &counts, &points[done]);
    done += is_done;
  }
  (void)timeline_go_to(timeline, here); /* it was there before */
  return done;
}
