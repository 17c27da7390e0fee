/*
** The arenas of the simulator: which one gives a pool, when one is obtained,
** and when one is released. It does as csrc/serve/supply.c does, if the
** policies are those of CPython.
*/
#include <stdlib.h>

#include "lab/simulator.h"

#define FIRST_SLOTS \
  16u /* of a group, as in CPython; doubled when all are used */

/*
** {==================================================================
** Slots
** ===================================================================
*/

/* Chains the slots from 'first' on, in ascending order. */
static void chain_slots(struct lab_group *group, size_t first, size_t count)
{
  for (size_t i = first; i < count; i++) {
    struct arena_object *slot = &group->arenas[i];
    *slot = (struct arena_object){.nextarena = i + 1 < count ? slot + 1 : NULL};
    group->more[i] = (struct lab_arena){.first_pool = SIZE_MAX};
  }
  group->unused = &group->arenas[first];
}

/* No pointer leads into the arrays: there is no usable arena, no unused slot. */
static bool grow_slots(struct lab_group *group)
{
  size_t count = group->slot_count == 0 ? FIRST_SLOTS : 2 * group->slot_count;
  if (count > (size_t)1 << 31)
    return false;
  struct arena_object *arenas =
      realloc(group->arenas, count * sizeof group->arenas[0]);
  if (arenas == NULL)
    return false;
  group->arenas = arenas;
  struct lab_arena *more = realloc(group->more, count * sizeof group->more[0]);
  if (more == NULL)
    return false;
  group->more = more;
  chain_slots(group, group->slot_count, count);
  group->slot_count = count;
  return true;
}

/* Makes room in an array for so many more elements. */
static bool reserve(void *array, size_t *capacity, size_t count, size_t more,
                    size_t bytes)
{
  void **elements = array;
  if (count + more <= *capacity)
    return true;
  size_t wanted = count + more + count / 2;
  void *grown = realloc(*elements, wanted * bytes);
  if (grown == NULL)
    return false;
  *elements = grown;
  *capacity = wanted;
  return true;
}

/* Gives a slot that is open for the first time its records of pools. */
static bool make_pools(struct simulator *sim, uint32_t group_number,
                       uint32_t slot)
{
  struct lab_group *group = &sim->groups[group_number];
  size_t links = group->arena_pools * group->pool_links;
  if (sim->pool_count + group->arena_pools >= LAB_NONE ||
      !reserve(&sim->pools, &sim->pool_capacity, sim->pool_count,
               group->arena_pools, sizeof sim->pools[0]) ||
      !reserve(&sim->links, &sim->link_capacity, sim->link_count, links,
               sizeof sim->links[0]))
    return false;
  group->more[slot].first_pool = sim->pool_count;
  for (uint32_t i = 0; i < group->arena_pools; i++) {
    sim->pools[sim->pool_count++] =
        (struct lab_pool){.slot = slot,
                          .group = group_number,
                          .links = sim->link_count + i * group->pool_links};
  }
  sim->link_count += links;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** The order of usable arenas
** ===================================================================
*/

static inline struct lab_arena *more_of(const struct lab_group *group,
                                        const struct arena_object *arena)
{
  return &group->more[arena - group->arenas];
}

/* splitmix64: a number below 2^53. */
static double random_rank(struct simulator *sim)
{
  uint64_t mixed = sim->random += UINT64_C(0x9e3779b97f4a7c15);
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return (double)((mixed ^ mixed >> 31) >> 11);
}

static void tell(const struct simulator *sim, const struct lab_group *group,
                 const struct arena_object *arena, struct arena_facts *facts)
{
  *facts = (struct arena_facts){.slot = (uint32_t)(arena - group->arenas),
                                .pools = arena->ntotalpools,
                                .free_pools = arena->nfreepools,
                                .obtained = arena->serial,
                                .arenas = sim->counts.arenas,
                                .requests = sim->request};
}

static double asked_rank(struct simulator *sim, const struct lab_group *group,
                         const struct arena_object *arena)
{
  const struct design_calls *calls = &sim->design->calls;
  struct arena_facts facts;
  double rank = 0;
  tell(sim, group, arena, &facts);
  if (!sim->has_failed && !calls->rank_arena(calls->context, &facts, &rank))
    sim->has_failed = true;
  return rank;
}

/* The rank of an arena; the least is the next to give a pool. */
static double rank_of(struct simulator *sim, const struct lab_group *group,
                      const struct arena_object *arena)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (sim->design->next_arena) {
  /* GCOVR_EXCL_BR_STOP */
  case ARENA_FULLEST:
    return arena->nfreepools;
  case ARENA_EMPTIEST:
    return -(double)arena->nfreepools;
  case ARENA_LOWEST:
    return (double)(arena - group->arenas);
  case ARENA_RECENT:
    return -(double)sim->request;
  case ARENA_OLDEST:
    return (double)arena->serial;
  case ARENA_RANDOM:
    return random_rank(sim);
  case ARENA_RANKED:
    return asked_rank(sim, group, arena);
  }
  return 0;
}

/* Does the order of CPython hold, which order.h keeps? */
static inline bool is_ordered(const struct simulator *sim)
{
  return sim->design->next_arena == ARENA_FULLEST;
}

static struct arena_object *first_arena(const struct simulator *sim,
                                        const struct lab_group *group)
{
  if (is_ordered(sim))
    return group->order.usable_arenas;
  uint32_t slot = ranked_first(&group->ranked);
  return slot == RANKED_NONE ? NULL : &group->arenas[slot];
}

static void set_rank(struct simulator *sim, struct lab_group *group,
                     const struct arena_object *arena)
{
  double found = rank_of(sim, group, arena);
  if (!ranked_put(&group->ranked, (uint32_t)(arena - group->arenas), found))
    sim->has_failed = true;
}

static void unrank(struct lab_group *group, const struct arena_object *arena)
{
  ranked_remove(&group->ranked, (uint32_t)(arena - group->arenas));
}

/* The first arena has lost a free pool. */
static void lost_pool(struct simulator *sim, struct lab_group *group,
                      struct arena_object *arena)
{
  if (is_ordered(sim))
    order_head_took_pool(&group->order);
  else if (arena_is_full(arena))
    unrank(group, arena);
  else if (sim->design->next_arena != ARENA_RECENT)
    set_rank(sim, group, arena);
}

/* An arena has got a free pool. */
static void gained_pool(struct simulator *sim, struct lab_group *group,
                        struct arena_object *arena)
{
  if (is_ordered(sim))
    order_gained_pool(&group->order, arena);
  else
    set_rank(sim, group, arena);
}

/* }================================================================== */

/*
** {==================================================================
** Obtaining and releasing
** ===================================================================
*/

static bool may_obtain(const struct simulator *sim)
{
  return sim->allowed > 0 && !sim->has_failed;
}

static void count_obtained(struct simulator *sim)
{
  struct lab_counts *counts = &sim->counts;
  if (sim->allowed != SIZE_MAX)
    sim->allowed--;
  counts->obtained++;
  if (++counts->arenas > counts->highwater)
    counts->highwater = counts->arenas;
  assert(counts->obtained - counts->released == counts->arenas);
}

/* Opens the first unused slot. */
static void start_arena(struct simulator *sim, struct lab_group *group,
                        struct arena_object *arena)
{
  struct lab_arena *more = more_of(group, arena);
  group->unused = arena->nextarena;
  count_obtained(sim);
  *arena = (struct arena_object){.address = 1,
                                 .nfreepools = group->arena_pools,
                                 .ntotalpools = group->arena_pools,
                                 .serial = sim->counts.obtained};
  more->free_pools = LAB_NONE;
  more->carved = 0;
  more->empty_since = 0;
  for (uint32_t i = 0; i < group->arena_pools; i++)
    sim->pools[more->first_pool + i].szidx = LAB_NONE;
  group->empty_arenas++;
  if (is_ordered(sim))
    order_start(&group->order, arena);
  else
    set_rank(sim, group, arena);
}

/* Obtains an arena. It becomes the only usable one. */
static struct arena_object *new_arena(struct simulator *sim,
                                      uint32_t group_number)
{
  struct lab_group *group = &sim->groups[group_number];
  if (!may_obtain(sim))
    return NULL;
  if (group->unused == NULL && !grow_slots(group)) {
    sim->has_failed = true;
    return NULL;
  }
  struct arena_object *arena = group->unused;
  uint32_t slot = (uint32_t)(arena - group->arenas);
  if (group->more[slot].first_pool == SIZE_MAX &&
      !make_pools(sim, group_number, slot)) {
    sim->has_failed = true;
    return NULL;
  }
  start_arena(sim, group, arena);
  return arena;
}

/* Releases an arena. 'nfreepools' is the group of order.h in which it is. */
static void release_arena(struct simulator *sim, struct lab_group *group,
                          struct arena_object *arena, uint32_t nfreepools)
{
  if (!is_ordered(sim))
    unrank(group, arena);
  else if (nfreepools > 0) /* it was not full: it is in the list */
    order_remove(&group->order, arena, nfreepools);
  arena->address = 0;
  arena->nextarena = group->unused;
  group->unused = arena;
  more_of(group, arena)->empty_since = 0;
  sim->counts.arenas--;
  sim->counts.released++;
}

static bool asked_release(struct simulator *sim, const struct lab_group *group,
                          const struct arena_object *arena)
{
  const struct design_calls *calls = &sim->design->calls;
  struct arena_facts facts;
  bool is_released = false;
  tell(sim, group, arena, &facts);
  if (!sim->has_failed &&
      !calls->may_release(calls->context, &facts, &is_released))
    sim->has_failed = true;
  return is_released;
}

/*
** Is it the last usable arena? In the order of CPython: the last of the list.
** An arena of one pool was full, and is in no list.
*/
static bool is_last(const struct simulator *sim, const struct lab_group *group,
                    const struct arena_object *arena)
{
  bool was_full = arena->ntotalpools == 1;
  if (!is_ordered(sim))
    return group->ranked.count == (was_full ? 0 : 1);
  return was_full ? group->order.usable_arenas == NULL
                  : arena->nextarena == NULL;
}

/* Is an arena, all of whose pools have become free, released at once? */
static bool goes_back(struct simulator *sim, const struct lab_group *group,
                      const struct arena_object *arena)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (sim->design->release) {
  /* GCOVR_EXCL_BR_STOP */
  case RELEASE_AT_ONCE:
    return true;
  case RELEASE_KEEP_LAST:
    return !is_last(sim, group, arena);
  case RELEASE_KEEP:
    return group->empty_arenas >= sim->design->keep;
  case RELEASE_AFTER:
    return sim->design->after == 0;
  case RELEASE_ASKED:
    return asked_release(sim, group, arena);
  case RELEASE_NEVER:
    return false;
  }
  return false;
}

/* }================================================================== */

/*
** {==================================================================
** RELEASE_AFTER
** ===================================================================
*/

static void note_due(struct simulator *sim, uint32_t group, uint32_t slot)
{
  if (sim->due_first > sim->due_count / 2) { /* the queue moves to the front */
    sim->due_count -= sim->due_first;
    for (size_t i = 0; i < sim->due_count; i++)
      sim->due[i] = sim->due[i + sim->due_first];
    sim->due_first = 0;
  }
  if (!reserve(&sim->due, &sim->due_capacity, sim->due_count, 1,
               sizeof sim->due[0])) {
    sim->has_failed = true;
    return;
  }
  sim->due[sim->due_count++] = (struct lab_due){sim->request, slot, group};
}

void simulator_release_due(struct simulator *sim)
{
  for (; sim->due_first < sim->due_count; sim->due_first++) {
    const struct lab_due *due = &sim->due[sim->due_first];
    struct lab_group *group = &sim->groups[due->group];
    struct arena_object *arena = &group->arenas[due->slot];
    if (sim->request - due->since < sim->design->after)
      return;
    if (group->more[due->slot].empty_since != due->since ||
        !arena_is_open(arena))
      continue; /* it has been used since */
    group->empty_arenas--;
    release_arena(sim, group, arena, arena->nfreepools);
  }
}

/* }================================================================== */

/*
** {==================================================================
** Pools
** ===================================================================
*/

/* Takes a pool of an arena: one that came back, or the next virgin one. */
static uint32_t take_pool(struct simulator *sim, struct lab_group *group,
                          struct arena_object *arena)
{
  struct lab_arena *more = more_of(group, arena);
  uint32_t number = more->free_pools;
  if (arena_is_free(arena))
    group->empty_arenas--;
  more->empty_since = 0;
  if (number != LAB_NONE)
    more->free_pools = sim->pools[number].next;
  else
    number = (uint32_t)more->first_pool + more->carved++;
  arena->nfreepools--;
  lost_pool(sim, group, arena);
  return number;
}

/* Gives a pool to a class. */
static void init_pool(struct simulator *sim, struct lab_pool *pool,
                      uint32_t szidx)
{
  uint32_t *links = &sim->links[pool->links];
  pool->szidx = szidx;
  pool->capacity = design_capacity(sim->design, szidx);
  pool->carved = sim->design->carving == CARVING_EAGER ? pool->capacity : 1;
  pool->free = 0;
  pool->last = pool->carved - 1;
  for (uint32_t i = 0; i < pool->carved; i++)
    links[i] = i + 1 < pool->carved ? i + 1 : LAB_NONE;
}

/* Counts a pool that gets its first live block, and the bytes carved in it. */
static void count_begun(struct simulator *sim, struct lab_pool *pool)
{
  const struct design *design = sim->design;
  uint32_t class_bytes = design->class_bytes[pool->szidx];
  uint32_t covered = design->header_bytes + pool->carved * class_bytes;
  sim->counts.pool_bytes += design->pool_bytes[pool->szidx];
  sim->counts.block_bytes += (uint64_t)pool->capacity * class_bytes;
  if (pool->covered < covered)
    pool->covered = covered;
}

uint32_t simulator_begin_pool(struct simulator *sim, uint32_t szidx)
{
  uint32_t group_number = sim->group_of[szidx];
  struct lab_group *group = &sim->groups[group_number];
  struct arena_object *arena = first_arena(sim, group);
  if (arena == NULL && (arena = new_arena(sim, group_number)) == NULL)
    return LAB_NONE;
  uint32_t number = take_pool(sim, group, arena);
  struct lab_pool *pool = &sim->pools[number];
  assert(pool->count == 0);
  if (pool->szidx != szidx)
    init_pool(sim, pool, szidx);
  count_begun(sim, pool);
  return number;
}

void simulator_end_pool(struct simulator *sim, uint32_t number)
{
  struct lab_pool *pool = &sim->pools[number];
  struct lab_group *group = &sim->groups[pool->group];
  struct arena_object *arena = &group->arenas[pool->slot];
  struct lab_arena *more = &group->more[pool->slot];
  assert(pool->count == 0 && arena->nfreepools < arena->ntotalpools);
  sim->counts.pool_bytes -= sim->design->pool_bytes[pool->szidx];
  sim->counts.block_bytes -=
      (uint64_t)pool->capacity * sim->design->class_bytes[pool->szidx];
  pool->next = more->free_pools;
  more->free_pools = number;
  arena->nfreepools++;
  if (!arena_is_free(arena)) {
    gained_pool(sim, group, arena);
    return;
  }
  if (goes_back(sim, group, arena)) {
    release_arena(sim, group, arena, arena->nfreepools - 1);
    return;
  }
  group->empty_arenas++;
  more->empty_since = sim->request;
  if (sim->design->release == RELEASE_AFTER)
    note_due(sim, pool->group, pool->slot);
  gained_pool(sim, group, arena);
}

/* }================================================================== */
