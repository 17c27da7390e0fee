/*
** A heap: each sequence of a few requests, and all invariants after each.
**
** bound: a heap of pools with 2 and 13 blocks and arenas of 2 pools; after 0 to
** bound: 6 requests for a block, each of malloc of 96 bytes, malloc of 16 bytes,
** bound: free of the oldest block, and free of the newest block
** sources: geometry/geometry.c memory/region.c memory/span.c memory/medium.c
** sources: memory/medium_check.c state/arena.c state/loan.c
** sources: state/order.c state/locate.c state/walk.c serve/alloc.c
** sources: serve/supply.c serve/cache.c serve/lending.c serve/loan_table.c
** sources: serve/wide_bits.c serve/loans.c serve/layer.c serve/medium_blocks.c
** sources: check/check_arena.c check/check_lists.c
** sources: check/check_heap.c check/check_loans.c check/check_cache.c
** sources: api/heap_lifetime.c
** options: -absolute-valid-range 0x100000-0x10ffff -eva-slevel 10000000
*/
#include "numbered_heap.h"

#include "check/check.h"

#define BEFORE 6
#define STEPS 1

bool check_fail(struct check *check, enum invariant invariant,
                const char *format, ...)
{
  switch (invariant) {
  case REGION_PLACE: /*@ check region_place: \false; */
    break;
  case ARENA_EXTENT: /*@ check arena_extent: \false; */
    break;
  case ARENA_FREE_POOLS: /*@ check arena_free_pools: \false; */
    break;
  case ARENA_EMPTY: /*@ check arena_empty: \false; */
    break;
  case POOL_ARENA: /*@ check pool_arena: \false; */
    break;
  case POOL_CLASS: /*@ check pool_class: \false; */
    break;
  case POOL_CHAIN: /*@ check pool_chain: \false; */
    break;
  case POOL_COUNT: /*@ check pool_count: \false; */
    break;
  case POOL_READY: /*@ check pool_ready: \false; */
    break;
  case USED_LINKS: /*@ check used_links: \false; */
    break;
  case USED_MEMBERS: /*@ check used_members: \false; */
    break;
  case USABLE_LINKS: /*@ check usable_links: \false; */
    break;
  case USABLE_SORTED: /*@ check usable_sorted: \false; */
    break;
  case USABLE_LASTS: /*@ check usable_lasts: \false; */
    break;
  case USABLE_MEMBERS: /*@ check usable_members: \false; */
    break;
  case UNUSED_MEMBERS: /*@ check unused_members: \false; */
    break;
  case ARENAS_COUNTERS: /*@ check arenas_counters: \false; */
    break;
  case ARENAS_RELEASE: /*@ check arenas_release: \false; */
    break;
  case BLOCK_PADS:
  case BLOCK_DEAD:
  case LOAN_HEADER:
  case LOAN_BITS:
  case LOAN_COUNT:
  case LOAN_CURRENT:
  case LOAN_VIRGIN:
  case LOAN_WAITING:
  case MEDIUM_SPANS:
  case MEDIUM_KEPT:
  case MEDIUM_LOWEST:
  case CACHE_BOUND:
  case CACHE_BLOCKS:
  case CACHE_SIZE:
  case CACHE_SIZES:
  case INVARIANT_COUNT:
    break;
  }
  return false;
}

static void *blocks[BEFORE + STEPS];
static int count;

static void take(pym_heap *heap, size_t bytes)
{
  void *taken = pym_malloc(heap, bytes);
  //@ check a_block_of_the_heap: taken >= (void *)0x108000;
  blocks[count++] = taken;
}

static void give(pym_heap *heap, int index)
{
  if (count == 0)
    return;
  pym_free(heap, blocks[index]);
  bool is_at_front =
      heap_find_pool(heap, blocks[index]) == NULL ||
      heap_pool_of(heap, blocks[index])->freeblock == (block *)blocks[index];
  //@ check a_freed_block_is_the_first_of_its_pool: is_at_front;
  count--;
  memmove(blocks + index, blocks + index + 1,
          (count - index) * sizeof blocks[0]);
}

static void check(pym_heap *heap)
{
  struct check check = {.heap = heap};
  bool is_whole = check_heap(&check);
  //@ check the_heap_is_whole: is_whole;
}

static void step(pym_heap *heap, int choice)
{
  switch (choice) {
  case 0:
    take(heap, 96);
    break;
  case 1:
    take(heap, 16);
    break;
  case 2:
    give(heap, 0);
    break;
  case 3:
    give(heap, count > 0 ? count - 1 : 0);
    break;
  }
  check(heap);
}

/* The place of a heap's block 'index', if all blocks before it are live. */
static uintptr_t first_place(int index)
{
  return ARENAS + index / 4 * ARENA_BYTES + index / 2 % 2 * 256 + 48 +
         index % 2 * 96;
}

int main(void)
{
  pym_heap *heap = make(SIZE_MAX);
  int before = Frama_C_interval(0, BEFORE);
  //@ split before;
  for (int i = 0; i < before; i++) {
    take(heap, 96);
    bool is_next = (uintptr_t)blocks[i] == first_place(i);
    //@ check blocks_pools_and_arenas_ascend: is_next;
  }
  check(heap);
  for (int i = 0; i < STEPS; i++) {
    int choice = Frama_C_interval(0, 3);
    //@ split choice;
    step(heap, choice);
  }
  return 0;
}
