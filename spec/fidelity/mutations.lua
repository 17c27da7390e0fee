-- Mutations: single rules of the allocator, each replaced by another plausible one. The
-- comparisons with CPython must detect each of them.
--
-- Each mutation has a name, the original rule in words, a file of csrc, a text that occurs
-- once in it, and the text that replaces it. `lesson` is the number of the lesson that
-- teaches the rule.
return {
  {
    "used_back", "a pool that gets a free block goes to the FRONT of its class",
    lesson = 5,
    "serve/used_pools.h",
    [[
  pool->nextpool = ring->nextpool;
  pool->prevpool = ring;
  ring->nextpool->prevpool = pool;
  ring->nextpool = pool;
]],
    [[
  pool->prevpool = ring->prevpool;
  pool->nextpool = ring;
  ring->prevpool->nextpool = pool;
  ring->prevpool = pool;
]],
  },
  {
    "header_reset", "a pool that its old class takes again KEEPS its header",
    lesson = 6,
    "serve/used_pools.h",
    "  block *taken = pool->szidx == szidx\n",
    "  block *taken = pool->szidx == szidx && !pool_is_empty(pool)\n",
  },
  {
    "header_kept", "a pool that ANOTHER class takes forgets its header",
    lesson = 6,
    "serve/used_pools.h",
    "  block *taken = pool->szidx == szidx\n",
    "  block *taken = pool->szidx >= szidx && !pool_is_classless(pool)\n",
  },
  {
    "carve_three", "a fresh pool has ONE block carved beyond the one it gives",
    lesson = 3,
    "state/pool.h",
    "  pool_carve(pool, block_bytes);\n  return first;\n",
    [[
  pool_carve(pool, block_bytes);
  block *second = pool->freeblock;
  pool->freeblock = NULL;
  pool_carve(pool, block_bytes);
  block_set_link(second, pool->freeblock);
  pool->freeblock = second;
  return first;
]],
  },
  {
    "carve_late", "a block is carved when the LAST free one is taken",
    lesson = 3,
    "serve/alloc.c",
    "      pool_carve(pool, heap_class_bytes(heap, szidx));\n      return taken;\n",
    [[
      pool_carve(pool, heap_class_bytes(heap, szidx));
      block *virgin = pool->freeblock;
      pool->freeblock = taken;
      return virgin;
]],
  },
  {
    "three_quarters", "realloc stays in place ABOVE three quarters of the block",
    lesson = 12,
    "state/heap.h",
    "4 * bytes > 3 * block_bytes",
    "4 * bytes >= 3 * block_bytes",
  },
  {
    "one_half", "realloc stays in place above THREE QUARTERS of the block",
    lesson = 12,
    "state/heap.h",
    "4 * bytes > 3 * block_bytes",
    "2 * bytes > block_bytes",
  },
  {
    "free_first", "realloc takes the new block BEFORE it gives back the old one",
    lesson = 12,
    "serve/alloc.c",
    [[
  if (szidx >= 0 && exchange_is_possible(heap, pool, (size_t)szidx))
    return exchange(heap, pool, old, kept_bytes, (size_t)szidx);
  void *moved = pym_malloc(heap, bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, old, kept_bytes);
  give(heap, old, NULL);
]],
    [[
  give(heap, old, NULL);
  void *moved = pym_malloc(heap, bytes);
  if (moved == NULL)
    return NULL;
  (void)pool, (void)kept_bytes, (void)szidx;
]],
  },
  {
    "zero_is_small", "a request of NO bytes goes to raw",
    lesson = 1,
    "state/heap.h",
    "  return bytes - 1 < heap->geometry.threshold /* 0 wraps around */\n",
    "  bytes += bytes == 0;\n  return bytes - 1 < heap->geometry.threshold\n",
  },
  {
    "threshold", "a request AT the threshold is small",
    lesson = 1,
    "serve/alloc.c",
    "  void *taken = take_first(heap, szidx);\n  return likely(taken != NULL) ? taken :",
    "  void *taken = bytes == heap->geometry.threshold ? NULL : take_first(heap, szidx);\n" ..
    "  return likely(taken != NULL) ? taken :",
  },
  {
    "virgin_first", "an EMPTIED pool is taken before one that was never carved",
    lesson = 6,
    "state/arena.h",
    "  if (emptied == NULL)\n",
    "  if (emptied == NULL || (uintptr_t)arena->pool_address + geometry->pool_bytes <=\n" ..
    "          arena->address - geometry->arena_offset + geometry->arena_bytes)\n",
  },
  {
    "freepools_back", "an emptied pool goes to the FRONT of freepools",
    lesson = 6,
    "state/arena.h",
    "  pool->nextpool = arena->freepools;\n  arena->freepools = pool;\n",
    "  struct pool_header **last = &arena->freepools;\n" ..
    "  while (*last != NULL)\n    last = &(*last)->nextpool;\n" ..
    "  pool->nextpool = NULL;\n  *last = pool;\n",
  },
  {
    "unsorted", "an arena that gains a pool moves BEHIND the fuller ones",
    lesson = 7,
    "state/order.h",
    "  if (last_of_old != arena) /* are arenas of its old group behind it? */\n",
    "  if (last_of_old != arena && arena_is_full(arena))\n",
  },
  {
    "usable_back", "an arena with its first free pool goes to the FRONT",
    lesson = 7,
    "state/order.c",
    "  link_front(order, arena);\n",
    "  struct arena_object *place = order->usable_arenas;\n" ..
    "  while (place != NULL && place->nextarena != NULL)\n    place = place->nextarena;\n" ..
    "  if (place == NULL)\n    link_front(order, arena);\n  else\n" ..
    "    link_behind(place, arena);\n",
  },
  {
    "release_last", "the LAST usable arena is kept",
    lesson = 9,
    "serve/supply.c",
    "    return arena->nextarena != NULL;\n",
    "    return true;\n",
  },
  {
    "never_released", "a free arena that is not the last GOES back",
    lesson = 9,
    "serve/supply.c",
    "    return arena->nextarena != NULL;\n",
    "    return false;\n",
  },
  {
    "slot_queue", "the slot released LAST is used first",
    lesson = 7,
    "serve/supply.c",
    "  arena->nextarena = heap->unused_arena_objects;\n  heap->unused_arena_objects = arena;\n",
    "  struct arena_object **last = &heap->unused_arena_objects;\n" ..
    "  while (*last != NULL)\n    last = &(*last)->nextarena;\n" ..
    "  arena->nextarena = NULL;\n  *last = arena;\n",
  },
  {
    "slots_descend", "new slots are used in ASCENDING order",
    lesson = 7,
    "serve/supply.c",
    [[
        .nextarena = i + 1 < heap->maxarenas ? slot + 1 : NULL};
  }
  heap->unused_arena_objects = &heap->arenas[first];
]],
    [[
        .nextarena = i > first ? slot - 1 : NULL};
  }
  heap->unused_arena_objects = &heap->arenas[heap->maxarenas - 1];
]],
  },
  {
    "wrong_index", "a pool stores the SLOT of its arena",
    lesson = 8,
    "state/arena.c",
    "  pool->arenaindex = (uint32_t)arenaindex;\n",
    "  pool->arenaindex = (uint32_t)(arenaindex / 2);\n",
  },
  {
    "no_last_chance", "where no arena can be had RAW serves a small request",
    lesson = 1,
    "serve/alloc.c",
    "  return bytes > REQUEST_MAX ? NULL : raw_blocks_malloc(heap, bytes);\n",
    "  return bytes > REQUEST_MAX || heap_class_of(heap, bytes) >= 0\n" ..
    "             ? NULL\n             : raw_blocks_malloc(heap, bytes);\n",
  },
}
