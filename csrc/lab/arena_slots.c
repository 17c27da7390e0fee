#include "lab/arena_parts.h"
#include "lab/reserve.h"

/* Of a group, as in CPython; doubled when all are used. */
#define FIRST_SLOTS 16u

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

/* No pointer leads into the arrays that may move. */
bool arena_grow_slots(struct lab_group *group)
{
  size_t count = group->slot_count == 0 ? FIRST_SLOTS : 2 * group->slot_count;
  /* GCOVR_EXCL_BR_START: 2^31 slots do not fit in the memory of this machine */
  if (count > (size_t)1 << 31)
    return false;
  /* GCOVR_EXCL_BR_STOP */
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

bool arena_make_pools(struct simulator *sim, uint32_t group_number,
                      uint32_t slot)
{
  struct lab_group *group = &sim->groups[group_number];
  /* GCOVR_EXCL_BR_START: 2^32 pools do not fit in the memory of this machine */
  if (sim->pool_count + group->arena_pools >= LAB_NONE)
    return false;
  /* GCOVR_EXCL_BR_STOP */
  if (!reserve(&sim->pools, &sim->pool_capacity, sim->pool_count,
               group->arena_pools, sizeof sim->pools[0]))
    return false;
  group->more[slot].first_pool = sim->pool_count;
  for (uint32_t i = 0; i < group->arena_pools; i++)
    sim->pools[sim->pool_count++] =
        (struct lab_pool){.slot = slot, .group = group_number};
  return true;
}
