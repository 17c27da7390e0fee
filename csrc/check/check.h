/*
** Checks every invariant of a heap. The header of each structure states its
** invariants with their names in brackets. They are checked here in such an
** order that no link is followed before it has been validated.
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
  X(LOAN_HEADER, "loan.header")           \
  X(LOAN_BITS, "loan.bits")               \
  X(LOAN_COUNT, "loan.count")             \
  X(LOAN_CURRENT, "loan.current")         \
  X(LOAN_VIRGIN, "loan.virgin")           \
  X(LOAN_WAITING, "loan.waiting")         \
  X(MEDIUM_SPANS, "medium.spans")         \
  X(MEDIUM_KEPT, "medium.kept")           \
  X(MEDIUM_LOWEST, "medium.lowest")       \
  X(CACHE_BOUND, "cache.bound")           \
  X(CACHE_BLOCKS, "cache.blocks")         \
  X(CACHE_SIZE, "cache.size")             \
  X(CACHE_SIZES, "cache.sizes")

#define INVARIANT_ENUM(symbol, name) symbol,
enum invariant { INVARIANTS(INVARIANT_ENUM) INVARIANT_COUNT };

/* A check under way. */
struct check {
  const pym_heap *heap;
  pym_fault *fault;  /* receives the first broken invariant; may be NULL */
  size_t used_pools; /* the used pools found so far, in all arenas */
};

/* Describes a broken invariant; arguments as for printf. Returns false. */
bool check_fail(struct check *check, enum invariant invariant,
                const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
** check_header checks the header of a carved pool. check_pool also checks its
** free chain and its counts.
*/
bool check_header(struct check *check, const struct pool_header *pool,
                  const pym_pool_info *info);
bool check_pool(struct check *check, const struct pool_header *pool,
                const pym_pool_info *info);

/* Checks an open arena: its extent, its pools and freepools. */
bool check_arena(struct check *check, const struct arena_object *arena);

/* Checks the lists over all arenas. Every arena must have been checked. */
bool check_lists(struct check *check);

/* Checks the loans of the cache. The heap below it must have been checked. */
bool check_loans(struct check *check);

/* Checks the bins of the cache. Its loans must have been checked. */
bool check_cache(struct check *check);

/* Does all of these checks. debug/check_blocks.h checks guarded blocks. */
bool check_heap(struct check *check);

#endif
