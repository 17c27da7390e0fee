/*
** The arenas of the simulator: when one is obtained, and when one is released.
** It does as csrc/serve/supply.c does, if the policies are those of CPython.
*/

#include "lab/arena_parts.h"
#include "lab/reserve.h"

/*
** {==================================================================
** Obtaining and releasing
** ===================================================================
*/

/* The pools of the next arena: one may be lost (supply_offset_arenas). */
static uint32_t next_pools(const struct simulator *sim,
                           const struct lab_group *group)
{
  bool loses_pool =
      group->arena_pools > 2 && sim->offset % group->pool_bytes != 0;
  return group->arena_pools - loses_pool;
}

/* Bytes of an arena that no pool can have. */
static uint64_t lost_bytes(const struct simulator *sim,
                           const struct lab_group *group, uint32_t pools)
{
  return sim->design->arena_bytes - pools * (uint64_t)group->pool_bytes;
}

static void count_obtained(struct simulator *sim, const struct lab_group *group,
                           uint32_t pools)
{
  struct lab_counts *counts = &sim->counts;
  if (sim->allowed != SIZE_MAX)
    sim->allowed--;
  counts->obtained++;
  counts->held += sim->design->arena_bytes;
  counts->lost += lost_bytes(sim, group, pools);
  if (++counts->arenas > counts->highwater)
    counts->highwater = counts->arenas;
  assert(counts->obtained - counts->released == counts->arenas);
}

/* Opens the first unused slot. */
static void start_arena(struct simulator *sim, struct lab_group *group,
                        struct arena_object *arena)
{
  struct lab_arena *more = arena_more(group, arena);
  uint32_t pools = next_pools(sim, group);
  group->unused = arena->nextarena;
  count_obtained(sim, group, pools);
  arena_count_obtain(group, (size_t)(arena - group->arenas));
  *arena = (struct arena_object){.address = 1,
                                 .nfreepools = pools,
                                 .ntotalpools = pools,
                                 .serial = (size_t)sim->counts.obtained};
  more->free_pools = LAB_NONE;
  more->carved = 0;
  more->empty_since = 0;
  for (uint32_t i = 0; i < group->arena_pools; i++)
    sim->pools[more->first_pool + i].szidx = LAB_NONE;
  group->empty_arenas++;
  arena_start(sim, group, arena);
}

/* Gives the first unused slot an arena, which becomes the only usable one. */
static struct arena_object *open_slot(struct simulator *sim,
                                      uint32_t group_number)
{
  struct lab_group *group = &sim->groups[group_number];
  if (group->unused == NULL && !arena_grow_slots(group))
    return NULL;
  struct arena_object *arena = group->unused;
  uint32_t slot = (uint32_t)(arena - group->arenas);
  if (group->more[slot].first_pool == SIZE_MAX &&
      !arena_make_pools(sim, group_number, slot))
    return NULL;
  start_arena(sim, group, arena);
  return arena;
}

struct arena_object *arena_next(struct simulator *sim, uint32_t group_number)
{
  struct arena_object *first = arena_first(sim, &sim->groups[group_number]);
  assert(!sim->has_failed); /* a request is served before a block ends */
  if (first != NULL || sim->allowed == 0)
    return first;
  struct arena_object *arena = open_slot(sim, group_number);
  if (arena == NULL)
    sim->has_failed = true;
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
  arena_count_release(group, (size_t)(arena - group->arenas));
  sim->counts.arenas--;
  sim->counts.released++;
  sim->counts.held -= sim->design->arena_bytes;
  sim->counts.lost -= lost_bytes(sim, group, arena->ntotalpools);
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
** Empty arenas
** ===================================================================
*/

/* Puts an arena that has become empty in the queue. */
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

void arena_emptied(struct simulator *sim, uint32_t group_number,
                   struct arena_object *arena)
{
  struct lab_group *group = &sim->groups[group_number];
  assert(arena_is_free(arena));
  if (goes_back(sim, group, arena)) {
    release_arena(sim, group, arena, arena->nfreepools - 1);
    return;
  }
  group->empty_arenas++;
  arena_more(group, arena)->empty_since = sim->request;
  if (sim->design->release == RELEASE_AFTER)
    note_due(sim, group_number, (uint32_t)(arena - group->arenas));
  arena_gained_pool(sim, group, arena);
}

void simulator_release_due(struct simulator *sim)
{
  for (; sim->due_first < sim->due_count; sim->due_first++) {
    const struct lab_due *due = &sim->due[sim->due_first];
    struct lab_group *group = &sim->groups[due->group];
    struct arena_object *arena = &group->arenas[due->slot];
    if (sim->request - due->since < sim->design->after)
      return;
    if (group->more[due->slot].empty_since != due->since)
      continue; /* it has been used since */
    assert(arena_is_open(arena));
    group->empty_arenas--;
    release_arena(sim, group, arena, arena->nfreepools);
  }
}

/* }================================================================== */
