/*
** Requests that raw serves, and resized blocks, with and without memory.
**
** bound: a heap of one arena of 4 blocks of 96 bytes; after 0 to 4 requests for
** bound: a block, a request of 0, 1, 72, 73, 96 or 97 bytes, or a block of 96
** bound: bytes resized to one of these; raw serves or refuses
** sources: geometry/geometry.c memory/region.c memory/span.c
** sources: memory/medium.c memory/medium_check.c state/arena.c state/loan.c
** sources: state/order.c state/locate.c state/walk.c serve/alloc.c
** sources: serve/supply.c serve/cache.c serve/lending.c serve/loan_table.c
** sources: serve/wide_bits.c serve/loans.c serve/layer.c serve/medium_blocks.c api/heap_lifetime.c
** options: -absolute-valid-range 0x100000-0x10ffff -eva-slevel 10000000
*/
#include "numbered_heap.h"

static bool is_raw(const void *address)
{
  return (uintptr_t)address < ARENAS;
}

/* Requests of a size that pools do not serve, or that no pool is left for. */
static void ask(pym_heap *heap, int live, size_t bytes)
{
  void *taken = pym_malloc(heap, bytes);
  bool is_small = bytes >= 1 && bytes <= 96;
  bool is_served = taken != NULL;
  bool is_in_raw = is_raw(taken);
  if (raw_serves) {
    //@ check each_request_is_served_while_raw_has_memory: is_served;
  }
  if (is_small && live == 0 && raw_serves) {
    //@ check a_small_request_is_served_by_a_pool: !is_in_raw;
  } else if (!is_small || live == 4) {
    //@ check raw_serves_what_no_pool_can: is_in_raw;
  }
}

/* Resizes the first block, which has a known byte at each end. */
static void resize_one(pym_heap *heap, unsigned char *old, size_t bytes)
{
  old[0] = 17;
  old[71] = 71;
  unsigned char *moved = pym_realloc(heap, old, bytes);
  bool stays = moved == old, keeps = true;
  if (moved != NULL)
    keeps = moved[0] == 17 && (bytes < 72 || moved[71] == 71);
  else
    keeps = old[0] == 17 && old[71] == 71;
  //@ check a_resized_block_keeps_its_bytes: keeps;
  bool is_in_place = bytes > 72 && bytes <= 96;
  //@ check stays_if_more_than_three_quarters_do: stays <==> is_in_place;
  void *next = moved != NULL ? pym_malloc(heap, 96) : NULL;
  bool is_apart = next == NULL || next != moved;
  //@ check no_block_is_served_twice: is_apart;
}

static size_t choose(int choice)
{
  switch (choice) {
  case 0:
    return 0;
  case 1:
    return 1;
  case 2:
    return 96;
  case 3:
    return 97;
  case 4:
    return 72;
  case 5:
    return 73;
  }
  return 0;
}

int main(void)
{
  int live = Frama_C_interval(0, 4);
  //@ split live;
  int choice = Frama_C_interval(0, 5);
  //@ split choice;
  int serves = Frama_C_interval(0, 1);
  //@ split serves;
  int is_resize = Frama_C_interval(0, 1);
  //@ split is_resize;
  pym_heap *heap = make(1);
  unsigned char *first = NULL;
  for (int i = 0; i < live; i++) {
    unsigned char *taken = pym_malloc(heap, 96);
    if (i == 0)
      first = taken;
  }
  raw_serves = serves;
  size_t bytes = choose(choice);
  if (is_resize && first != NULL && bytes != 0)
    resize_one(heap, first, bytes);
  else
    ask(heap, live, bytes);
  return 0;
}
