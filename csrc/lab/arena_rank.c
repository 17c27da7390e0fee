#include "lab/arena_parts.h"

struct arena_facts arena_tell(const struct simulator *sim,
                              const struct lab_group *group,
                              const struct arena_object *arena)
{
  return (struct arena_facts){.slot = (uint32_t)(arena - group->arenas),
                              .pools = arena->ntotalpools,
                              .free_pools = arena->nfreepools,
                              .obtained = arena->serial,
                              .arenas = sim->counts.arenas,
                              .requests = sim->request};
}

/* splitmix64: the next number of the sequence that the seed begins. */
static uint64_t next_random(struct simulator *sim)
{
  uint64_t mixed = sim->random += UINT64_C(0x9e3779b97f4a7c15);
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

static double asked_rank(struct simulator *sim, const struct lab_group *group,
                         const struct arena_object *arena)
{
  const struct design_calls *calls = &sim->design->calls;
  struct arena_facts facts = arena_tell(sim, group, arena);
  double rank = 0;
  if (!sim->has_failed && !calls->rank_arena(calls->context, &facts, &rank))
    sim->has_failed = true;
  return rank;
}

/* The rank of an arena. */
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
  case ARENA_RANDOM: /* all are equal */
    return 0;
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

/* Any of the usable arenas, each as likely as the others. */
static uint32_t any_arena(struct simulator *sim, const struct ranked *ranked)
{
  return ranked->count == 0
             ? RANKED_NONE
             : ranked->entries[next_random(sim) % ranked->count].number;
}

struct arena_object *arena_first(struct simulator *sim,
                                 const struct lab_group *group)
{
  if (is_ordered(sim))
    return group->order.usable_arenas;
  uint32_t slot = sim->design->next_arena == ARENA_RANDOM
                      ? any_arena(sim, &group->ranked)
                      : ranked_first(&group->ranked);
  return slot == RANKED_NONE ? NULL : &group->arenas[slot];
}

static void set_rank(struct simulator *sim, struct lab_group *group,
                     const struct arena_object *arena)
{
  double found = rank_of(sim, group, arena);
  if (!ranked_put(&group->ranked, (uint32_t)(arena - group->arenas),
                  ranked_of(found)))
    sim->has_failed = true;
}

static void unrank(struct lab_group *group, const struct arena_object *arena)
{
  ranked_remove(&group->ranked, (uint32_t)(arena - group->arenas));
}

void arena_lost_pool(struct simulator *sim, struct lab_group *group,
                     struct arena_object *arena)
{
  if (is_ordered(sim))
    order_head_took_pool(&group->order);
  else if (arena_is_full(arena))
    unrank(group, arena);
  else if (sim->design->next_arena != ARENA_RECENT)
    set_rank(sim, group, arena);
}

void arena_gained_pool(struct simulator *sim, struct lab_group *group,
                       struct arena_object *arena)
{
  if (is_ordered(sim))
    order_gained_pool(&group->order, arena);
  else
    set_rank(sim, group, arena);
}

void arena_start(struct simulator *sim, struct lab_group *group,
                 struct arena_object *arena)
{
  if (is_ordered(sim))
    order_start(&group->order, arena);
  else
    set_rank(sim, group, arena);
}

void arena_drop(const struct simulator *sim, struct lab_group *group,
                struct arena_object *arena, uint32_t nfreepools)
{
  if (!is_ordered(sim))
    unrank(group, arena);
  else if (nfreepools > 0)
    order_remove(&group->order, arena, nfreepools);
}

bool arena_is_last(const struct simulator *sim, const struct lab_group *group,
                   const struct arena_object *arena)
{
  bool was_full = arena->ntotalpools == 1;
  if (!is_ordered(sim))
    return group->ranked.count == (was_full ? 0 : 1);
  return was_full ? group->order.usable_arenas == NULL
                  : arena->nextarena == NULL;
}
