/*
** heap:stats(): all numbers of the report, and more.
*/
#include "stats.h"
#include "table.h"
#include "heap.h"
#include "named_table.h"

/***
** pymalloc.Stats: statistics of a heap.
** @tfield integer arenas_allocated_total arenas ever obtained
** @tfield integer arenas_reclaimed arenas ever released
** @tfield integer arenas_highwater most arenas at one time
** @tfield integer arenas_current live arenas
** @tfield integer arena_slots length of the arenas vector
** @tfield integer blocks live blocks, also raw ones and those of spans
** @tfield integer raw_blocks live blocks that raw serves
** @tfield integer medium_blocks live blocks of spans, with the option medium
** @tfield integer medium_bytes bytes of these blocks
** @tfield integer span_bytes bytes of the spans that have pages
** @tfield integer allocated_bytes bytes of arenas in live blocks
** @tfield integer available_bytes bytes in free and virgin blocks of pools in
** use
** @tfield integer unused_pool_bytes bytes of pools that are empty or not
** carved
** @tfield integer header_bytes bytes of headers of pools in use
** @tfield integer quantization_bytes bytes behind the last block of pools in
** use
** @tfield integer alignment_bytes bytes before the first pool of each arena
** @tfield integer arena_bytes size of all live arenas, the sum of the six
** fields before it
** @tfield integer unused_pools pools that are empty or not carved
** @tfield integer held_blocks freed blocks in quarantine, which count as live
** @tfield integer retained_bytes bytes of released arenas that are still
** committed
** @tfield integer reserved_bytes addresses reserved for arenas
** @tfield integer cached_blocks free blocks in the heap's cache, which pools
** count as live
** @tfield integer cached_bytes bytes of these blocks
** @tfield integer hops steps along usable_arenas that CPython 3.6 and 3.7
** would make; counted with the option count_hops
** @tfield integer map_mid_nodes middle nodes that CPython's arena map would
** have
** @tfield integer map_bot_nodes bottom nodes that CPython's arena map would
** have
** @tfield table fragmentation shares of arena_bytes, from 0 to 1: available,
** unused_pool, header, quantization, alignment
** @tfield pymalloc.ClassStats[] classes one for each size class
*/
#define COUNTS(X)           \
  X(arenas_allocated_total) \
  X(arenas_reclaimed)       \
  X(arenas_highwater)       \
  X(arenas_current)         \
  X(arena_slots)            \
  X(blocks)                 \
  X(raw_blocks)             \
  X(medium_blocks)          \
  X(medium_bytes)           \
  X(span_bytes)             \
  X(allocated_bytes)        \
  X(available_bytes)        \
  X(unused_pool_bytes)      \
  X(header_bytes)           \
  X(quantization_bytes)     \
  X(alignment_bytes)        \
  X(arena_bytes)            \
  X(unused_pools)           \
  X(held_blocks)            \
  X(retained_bytes)         \
  X(reserved_bytes)         \
  X(cached_blocks)          \
  X(cached_bytes)           \
  X(hops)                   \
  X(map_mid_nodes)          \
  X(map_bot_nodes)

/* The kinds of bytes of arenas that are in no live block. */
#define FRAGMENTS(X) \
  X(available)       \
  X(unused_pool)     \
  X(header)          \
  X(quantization)    \
  X(alignment)

/* Sets a share of the bytes of all arenas, from 0 to 1. */
static void set_share(lua_State *L, const char *name, size_t bytes,
                      size_t arena_bytes)
{
  lua_pushnumber(
      L, arena_bytes == 0 ? 0 : (lua_Number)bytes / (lua_Number)arena_bytes);
  lua_setfield(L, -2, name);
}

static void push_fragmentation(lua_State *L, const pym_stats *stats)
{
  lua_newtable(L);
#define X(kind) set_share(L, #kind, stats->kind##_bytes, stats->arena_bytes);
  FRAGMENTS(X)
#undef X
}

/***
** pymalloc.ClassStats: statistics of one size class, as heap:stats() counts them;
** tostring gives one line.
** @tfield integer szidx index of the class, from 0
** @tfield integer size bytes of a block
** @tfield integer pools pools in use
** @tfield integer live live blocks
** @tfield integer available free and virgin blocks
*/

static void push_class(lua_State *L, const pym_geometry *geometry, size_t szidx,
                       const pym_class_stats *class_stats)
{
  lua_createtable(L, 0, 5);
  table_set_integer(L, "szidx", szidx);
  table_set_integer(L, "size", pym_class_bytes(geometry, szidx));
  table_set_integer(L, "pools", class_stats->pools);
  table_set_integer(L, "live", class_stats->live);
  table_set_integer(L, "available", class_stats->available);
  named_table_mark(L, NAMED_CLASS_STATS);
}

/***
** heap:stats(): counts arenas, pools and blocks by a walk. The result has the
** numbers of the report (heap:debugmallocstats) and others.
** @treturn pymalloc.Stats
** @usage
** heap:stats().blocks --> 1
** heap:stats().classes[2].live --> 1
** heap:stats().fragmentation.unused_pool --> 0.984375
*/
static int heap_stats(lua_State *L)
{
  pym_stats stats;
  pym_class_stats classes[CLASS_COUNT_MAX];
  const pym_heap *heap = binding_check_heap(L, 1);
  pym_geometry geometry = heap->geometry;
  size_t class_count = heap->class_count;
  pym_heap_stats(heap, &stats, classes);
  lua_newtable(L);
#define X(name) table_set_integer(L, #name, stats.name);
  COUNTS(X)
#undef X
  push_fragmentation(L, &stats);
  lua_setfield(L, -2, "fragmentation");
  lua_createtable(L, (int)class_count, 0);
  for (size_t i = 0; i < class_count; i++) {
    push_class(L, &geometry, i, &classes[i]);
    lua_seti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "classes");
  named_table_mark(L, NAMED_STATS);
  return 1;
}

const luaL_Reg binding_stats_methods[] = {{"stats", heap_stats}, {NULL, NULL}};
