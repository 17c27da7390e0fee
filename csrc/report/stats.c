/*
** The statistics of a heap. They are counted by a walk when they are asked
** for, so that no request spends time on them.
*/
#include "report/stats.h"

#include <string.h>

#include "serve/cache.h"
#include "serve/medium_blocks.h"
#include "debug/debug.h"
#include "state/walk.h"

/* Adds a pool in use to its class and to each kind of bytes. */
static void add_pool(const pym_heap *heap, const struct pool_header *pool,
                     pym_stats *stats, pym_class_stats *classes)
{
  const pym_geometry *geometry = &heap->geometry;
  if (pool_is_empty(pool) || !walk_has_class(heap, pool))
    return;
  size_t szidx = pool->szidx, live = loan_header(heap, pool).ref.count;
  size_t block_bytes = pym_class_bytes(geometry, szidx);
  assert(block_bytes > 0);
  size_t available = pym_class_capacity(geometry, szidx) - live;
  stats->blocks += live;
  stats->allocated_bytes += live * block_bytes;
  stats->available_bytes += available * block_bytes;
  stats->header_bytes += geometry_header_bytes(geometry);
  stats->quantization_bytes += pym_class_waste(geometry, szidx);
  if (classes == NULL)
    return;
  classes[szidx].pools++;
  classes[szidx].live += live;
  classes[szidx].available += available;
}

static void add_arena(const pym_heap *heap, const struct arena_object *arena,
                      pym_stats *stats, pym_class_stats *classes)
{
  const pym_geometry *geometry = &heap->geometry;
  const struct pool_header *pool = walk_first_pool(heap, arena);
  stats->unused_pools += arena->nfreepools;
  stats->arena_bytes += geometry->arena_bytes;
  stats->alignment_bytes += /* of a pool lost to alignment */
      geometry->arena_bytes - arena->ntotalpools * geometry->pool_bytes;
  for (; pool != NULL; pool = walk_next_pool(heap, arena, pool))
    add_pool(heap, pool, stats, classes);
}

/*
** Counts the nodes that CPython's arena map would have: a tree of three levels
** over the bits of an address above those inside an arena. CPython never frees
** a node, and each slot that was ever in use lies below 'touched_count'; so
** the nodes are those that cover the slots up to there. With addresses of 32 bits
** the root is the only node.
*/
static void count_map_nodes(const pym_heap *heap, pym_stats *stats)
{
  const struct region *region = &heap->region;
  struct stats_map map = stats_map(&heap->geometry);
  if (map.mid_shift == 0 || region->touched_count == 0)
    return;
  uint64_t first = region->base + heap->geometry.arena_offset;
  uint64_t last = first + (region->touched_count - 1) * region->slot_bytes;
  if (heap->geometry.arena_offset != 0) /* does an arena take two entries? */
    last += region->slot_bytes;
  stats->map_mid_nodes =
      (size_t)((last >> map.mid_shift) - (first >> map.mid_shift) + 1);
  stats->map_bot_nodes =
      (size_t)((last >> map.bot_shift) - (first >> map.bot_shift) + 1);
}

struct stats_map stats_map(const pym_geometry *geometry)
{
  unsigned arena_bits = log2_of(geometry->arena_bytes);
  unsigned bits = geometry->address_bits - arena_bits;
  unsigned upper_bits = (bits + 2) / 3;
  /* GCOVR_EXCL_BR_START: the profile of 32 bits is in builds for these */
  if (geometry->address_bits == 32)
    return (struct stats_map){.upper_bytes = 2 * sizeof(int32_t) << bits};
  /* GCOVR_EXCL_BR_STOP */
  unsigned bottom_bits = bits - 2 * upper_bits;
  if (geometry->address_bits == 0)
    return (struct stats_map){0};
  return (struct stats_map){.upper_bytes = POINTER_BYTES << upper_bits,
                            .bot_bytes = 2 * sizeof(int32_t) << bottom_bits,
                            .mid_shift = arena_bits + bottom_bits + upper_bits,
                            .bot_shift = arena_bits + bottom_bits};
}

/* Adds the blocks of spans. */
static void add_medium(const pym_heap *heap, pym_stats *stats)
{
  struct medium_counts counts = medium_blocks_count(heap);
  stats->blocks += counts.blocks;
  stats->medium_blocks = counts.blocks;
  stats->medium_bytes = counts.bytes;
  stats->span_bytes = counts.span_bytes;
}

void pym_heap_stats(const pym_heap *heap, pym_stats *stats,
                    pym_class_stats *classes)
{
  size_t slot = 0;
  const struct arena_object *arena;
  const struct debug *debug = heap->debug;
  *stats = (pym_stats){
      .arenas_allocated_total = heap->ntimes_arena_allocated,
      .arenas_reclaimed =
          heap->ntimes_arena_allocated - heap->narenas_currently_allocated,
      .arenas_highwater = heap->narenas_highwater,
      .arenas_current = heap->narenas_currently_allocated,
      .arena_slots = heap->maxarenas,
      .blocks = heap->raw_blocks,
      .raw_blocks = heap->raw_blocks,
      .held_blocks = debug != NULL ? debug->quarantine.count : 0,
      .retained_bytes = heap->region.retained_count * heap->region.slot_bytes,
      .reserved_bytes = region_span(&heap->region),
      .hops = heap->order.hops};
  if (classes != NULL)
    memset(classes, 0, heap->class_count * sizeof classes[0]);
  while ((arena = walk_next_arena(heap, &slot)) != NULL)
    add_arena(heap, arena, stats, classes);
  stats->unused_pool_bytes = stats->unused_pools * heap->geometry.pool_bytes;
  count_map_nodes(heap, stats);
  add_medium(heap, stats);
  stats->cached_blocks = cache_total(heap, &stats->cached_bytes);
}
