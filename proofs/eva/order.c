/*
** The list of usable arenas: each list up to a length, and each change of it.
**
** bound: each list of 0 to 6 arenas with 1 to 3 free pools each that keeps the
** bound: invariants, beside an arena without a free pool; one call for a pool
** bound: taken from the head, for a pool given back to any of the arenas, for the
** bound: release of any arena, or for the first arena; CPython 3.6's steps are
** bound: counted or not
** sources: state/order.c
** options: -eva-slevel 10000000 -eva-split-return full
**
** The functions that are analysed do not make the list. So the result holds for
** sequences of any number of calls, while no list is longer. The functions only
** compare addresses of arenas for equality, so the lists need not be in each
** order of the arenas vector.
*/
#include <__fc_builtin.h>

#include "state/order.h"

#define LONGEST 6
#define MOST 3
#define POOLS (MOST + 1) /* of each arena */

static struct arena_object arenas[LONGEST + 1]; /* the last is on no list */
static struct arena_object *lasts[POOLS + 1];
static struct arena_order order = {.nfp2lasta = lasts};

/* Any number from 'low' to 'high', each in an execution of its own. */
static int any(int low, int high)
{
  int number = Frama_C_interval(low, high);
  for (int i = low; i < high; i++)
    if (number == i)
      return i;
  return high;
}

/* Makes a list of 'length' arenas, of which each has any number of pools. */
static void make(int length)
{
  int pools = 1;
  for (int i = 0; i < length; i++) {
    struct arena_object *arena = &arenas[i];
    pools = any(pools, MOST);
    arena->nfreepools = (uint32_t)pools;
    arena->prevarena = i > 0 ? arena - 1 : NULL;
    arena->nextarena = i + 1 < length ? arena + 1 : NULL;
    lasts[pools] = arena;
  }
  order.usable_arenas = length > 0 ? arenas : NULL;
}

static void check_links(void)
{
  const struct arena_object *previous = NULL;
  int listed = 0;
  for (const struct arena_object *arena = order.usable_arenas; arena != NULL;
       previous = arena, arena = arena->nextarena) {
    bool agrees = arena->prevarena == previous;
    //@ check usable_links: agrees;
    bool is_sorted =
        previous == NULL || previous->nfreepools <= arena->nfreepools;
    //@ check usable_sorted: is_sorted;
    bool is_usable = arena->nfreepools > 0;
    //@ check usable_members: is_usable;
    listed++;
  }
  for (int i = 0; i <= LONGEST; i++)
    listed -= arenas[i].nfreepools > 0;
  //@ check usable_members: listed == 0;
}

static void check_lasts(void)
{
  for (uint32_t pools = 1; pools <= POOLS; pools++) {
    const struct arena_object *last = NULL, *arena = order.usable_arenas;
    for (; arena != NULL; arena = arena->nextarena)
      if (arena->nfreepools == pools)
        last = arena;
    bool is_last = lasts[pools] == last;
    //@ check usable_lasts: is_last;
  }
}

static void take(void)
{
  if (order.usable_arenas == NULL)
    return;
  order.usable_arenas->nfreepools--;
  order_head_took_pool(&order);
}

static void give(struct arena_object *arena)
{
  arena->nfreepools++;
  order_gained_pool(&order, arena);
}

/* An arena is released when its last pool has come back, or later. */
static void release(struct arena_object *arena)
{
  uint32_t group = arena->nfreepools;
  if (any(0, 1) == 1)
    arena->nfreepools++;
  order_remove(&order, arena, group);
  arena->nfreepools = 0;
}

static void start(void)
{
  struct arena_object *arena = &arenas[LONGEST];
  if (order.usable_arenas != NULL)
    return;
  arena->nfreepools = POOLS;
  order_start(&order, arena);
}

int main(void)
{
  int length = any(0, LONGEST);
  for (int i = 0; i <= LONGEST; i++)
    arenas[i].ntotalpools = POOLS;
  make(length);
  order.count_hops = any(0, 1) == 1;
  switch (any(0, 4)) {
  case 0:
    take();
    break;
  case 1:
    give(&arenas[LONGEST]);
    break;
  case 2:
    if (length > 0)
      give(&arenas[any(0, length - 1)]);
    break;
  case 3:
    if (length > 0)
      release(&arenas[any(0, length - 1)]);
    break;
  case 4:
    start();
    break;
  }
  check_links();
  check_lasts();
  return 0;
}
