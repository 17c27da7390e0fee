/*
** Every invariant of a heap, by name. The names stand in brackets where the
** header of each structure states them; they are proved here one by one, from
** the ground up, so that no link is followed before it was validated.
**
** Tested by spec/unit/check_arena_spec.lua, spec/unit/check_lists_spec.lua and
** the specs of the layers. script/invariants fails for an invariant that no
** spec breaks.
*/
#ifndef CHECK_H
#define CHECK_H

#include "state/walk.h"

#define INVARIANTS(X)                     \
  X(REGION_PLACE, "region.place")         \
  X(ARENA_EXTENT, "arena.extent")         \
  X(ARENA_FREE_POOLS, "arena.free_pools") \
  X(ARENA_EMPTY, "arena.empty")           \
  X(POOL_ARENA, "pool.arena")             \
  X(POOL_CLASS, "pool.class")             \
  X(POOL_CHAIN, "pool.chain")             \
  X(POOL_COUNT, "pool.count")             \
  X(POOL_READY, "pool.ready")             \
  X(USED_LINKS, "used.links")             \
  X(USED_MEMBERS, "used.members")         \
  X(USABLE_LINKS, "usable.links")         \
  X(USABLE_SORTED, "usable.sorted")       \
  X(USABLE_LASTS, "usable.lasts")         \
  X(USABLE_MEMBERS, "usable.members")     \
  X(UNUSED_MEMBERS, "unused.members")     \
  X(BLOCK_PADS, "block.pads")             \
  X(BLOCK_DEAD, "block.dead")             \
  X(ARENAS_COUNTERS, "arenas.counters")   \
  X(ARENAS_RELEASE, "arenas.release")     \
  X(CACHE_BOUND, "cache.bound")           \
  X(CACHE_BLOCKS, "cache.blocks")         \
  X(CACHE_SIZE, "cache.size")             \
  X(CACHE_SIZES, "cache.sizes")

#define INVARIANT_ENUM(symbol, name) symbol,
enum invariant { INVARIANTS(INVARIANT_ENUM) INVARIANT_COUNT };

/* A check under way. */
struct check {
  const pym_heap *heap;
  pym_fault *fault;  /* where to describe the first broken one; or NULL */
  size_t used_pools; /* found so far, in all arenas */
};

/* Describes a broken invariant, as printf; always false. */
bool check_fail(struct check *check, enum invariant invariant,
                const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The header of a carved pool; then its free chain and counts too. */
bool check_header(struct check *check, const struct pool_header *pool,
                  const pym_pool_info *info);
bool check_pool(struct check *check, const struct pool_header *pool,
                const pym_pool_info *info);

/* Everything about one open arena: its extent, pools and freepools. */
bool check_arena(struct check *check, const struct arena_object *arena);

/* The lists over all arenas, once each of these is whole. */
bool check_lists(struct check *check);

/* The cache, once the heap below it is whole. */
bool check_cache(struct check *check);

/* All of the above. The blocks of debug hooks: debug/check_blocks.h. */
bool check_heap(struct check *check);

#endif
