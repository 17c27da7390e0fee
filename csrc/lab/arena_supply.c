/*
** The arenas of the simulator: which one gives a pool, when one is obtained,
** and when one is released. It does as csrc/serve/supply.c does, if the
** policies are those of CPython.
*/

#include "lab/arena_parts.h"

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
  struct lab_arena *more = arena_more(group, arena);
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
  arena_start(sim, group, arena);
}

/* Obtains an arena. It becomes the only usable one. */
static struct arena_object *new_arena(struct simulator *sim,
                                      uint32_t group_number)
{
  struct lab_group *group = &sim->groups[group_number];
  if (!may_obtain(sim))
    return NULL;
  if (group->unused == NULL && !arena_grow_slots(group)) {
    sim->has_failed = true;
    return NULL;
  }
  struct arena_object *arena = group->unused;
  uint32_t slot = (uint32_t)(arena - group->arenas);
  if (group->more[slot].first_pool == SIZE_MAX &&
      !arena_make_pools(sim, group_number, slot)) {
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
  arena_drop(sim, group, arena, nfreepools);
  arena->address = 0;
  arena->nextarena = group->unused;
  group->unused = arena;
  arena_more(group, arena)->empty_since = 0;
  sim->counts.arenas--;
  sim->counts.released++;
}

static bool asked_release(struct simulator *sim, const struct lab_group *group,
                          const struct arena_object *arena)
{
  const struct design_calls *calls = &sim->design->calls;
  struct arena_facts facts = arena_tell(sim, group, arena);
  bool is_released = false;
  if (!sim->has_failed &&
      !calls->may_release(calls->context, &facts, &is_released))
    sim->has_failed = true;
  return is_released;
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
    return !arena_is_last(sim, group, arena);
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
  if (!arena_reserve(&sim->due, &sim->due_capacity, sim->due_count, 1,
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
  struct lab_arena *more = arena_more(group, arena);
  uint32_t number = more->free_pools;
  if (arena_is_free(arena))
    group->empty_arenas--;
  more->empty_since = 0;
  if (number != LAB_NONE)
    more->free_pools = sim->pools[number].next;
  else
    number = (uint32_t)more->first_pool + more->carved++;
  arena->nfreepools--;
  arena_lost_pool(sim, group, arena);
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
  struct arena_object *arena = arena_first(sim, group);
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
    arena_gained_pool(sim, group, arena);
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
  arena_gained_pool(sim, group, arena);
}

/* }================================================================== */
