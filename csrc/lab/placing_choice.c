#include "lab/placing.h"

/* Do few blocks of a class die between two of its deaths? */
static bool is_near(const struct placing *placing, size_t szidx, uint32_t rank,
                    uint32_t other)
{
  uint64_t between = rank < other ? other - rank : rank - other;
  uint64_t reach =
      (uint64_t)placing->reach.pools * placing->geometry->pool_bytes;
  return placing->reach.pools == ORACLE_REACH_ANY ||
         between * geometry_class_bytes(placing->geometry, szidx) < reach;
}

/* Do few blocks of all classes die between two deaths? */
static bool is_near_arena(const struct placing *placing, uint32_t death,
                          uint32_t other)
{
  uint64_t one = placing->foresight->weights[death];
  uint64_t two = placing->foresight->weights[other];
  uint64_t reach =
      (uint64_t)placing->reach.arenas * placing->geometry->arena_bytes;
  return placing->reach.arenas == ORACLE_REACH_ANY ||
         (one < two ? two - one : one - two) < reach;
}

uint32_t placing_choose_pool(const struct placing *placing, size_t szidx,
                             uint32_t rank)
{
  const struct foresight *foresight = placing->foresight;
  const struct number_set *set = &placing->pools_with_room;
  uint32_t next = number_set_next(set, rank);
  uint32_t before = number_set_before(set, rank);
  bool has_next =
      next != NUMBER_SET_NONE && next < foresight->first_rank[szidx + 1];
  bool has_before =
      before != NUMBER_SET_NONE && before >= foresight->first_rank[szidx];
  if (has_next && is_near(placing, szidx, rank, next))
    return set->owners[next];
  if (has_before && is_near(placing, szidx, rank, before))
    return set->owners[before];
  if (placing->class_pools[szidx] < foresight->pools[placing->now])
    return PLACING_NONE;
  if (has_next)
    return set->owners[next];
  return has_before ? set->owners[before] : PLACING_NONE;
}

uint32_t placing_choose_arena(const struct placing *placing, uint32_t death)
{
  const struct number_set *set = &placing->arenas_with_room;
  uint32_t next = number_set_next(set, death);
  uint32_t before = number_set_before(set, death);
  if (next != NUMBER_SET_NONE && is_near_arena(placing, death, next))
    return set->owners[next];
  if (before != NUMBER_SET_NONE && is_near_arena(placing, death, before))
    return set->owners[before];
  if (placing->arenas_current < placing->foresight->arenas[placing->now])
    return PLACING_NONE;
  if (next != NUMBER_SET_NONE)
    return set->owners[next];
  return before != NUMBER_SET_NONE ? set->owners[before] : PLACING_NONE;
}
