#include "lab/oracle.h"

#include "lab/foresight.h"
#include "lab/live_count.h"

/*
** {==================================================================
** Counting
** ===================================================================
*/

/* What is held for the live blocks; '*arenas' receives the arenas. */
static struct moment held_for(const struct live_count *count,
                              enum oracle oracle, uint64_t *arenas)
{
  const pym_geometry *geometry = count->geometry;
  struct moment moment = {
      .held = count->bytes, .live = count->bytes, .all_live = count->all_bytes};
  if (oracle == ORACLE_BYTES)
    return moment;
  if (oracle == ORACLE_POOLS) {
    uint64_t pool_bytes = count->pools * geometry->pool_bytes;
    *arenas = live_count_arenas(count);
    moment.waste.rounding = count->block_bytes - count->bytes;
    moment.waste.free = count->capacity_bytes - count->block_bytes;
    moment.waste.headers = pool_bytes - count->capacity_bytes;
    moment.waste.unused = *arenas * geometry->arena_bytes - pool_bytes;
  } else {
    *arenas = live_count_whole(count->bytes, geometry->arena_bytes);
    moment.waste.unused = *arenas * geometry->arena_bytes - count->bytes;
  }
  moment.held = *arenas * geometry->arena_bytes;
  return moment;
}

static void note_arenas(struct oracle_result *result, uint64_t before,
                        uint64_t arenas)
{
  if (arenas > result->arenas_highwater)
    result->arenas_highwater = arenas;
  if (arenas > before)
    result->arenas_obtained += arenas - before;
  else
    result->arenas_released += before - arenas;
}

static bool count_lives(enum oracle oracle, const struct loaded_trace *loaded,
                        const pym_geometry *geometry,
                        struct oracle_result *result)
{
  struct live_count count = {.geometry = geometry};
  struct lives lives;
  struct life_change change;
  uint64_t arenas = 0;
  if (!lives_open(&lives, loaded, geometry))
    return false;
  result->has_arenas = oracle != ORACLE_BYTES;
  while (lives_next(&lives, &change)) {
    uint64_t before = arenas;
    live_count_change(&count, &change);
    lives_count_served(&lives, &change, &result->account);
    struct moment moment = held_for(&count, oracle, &arenas);
    note_arenas(result, before, arenas);
    account_note(&result->account, &moment, loaded->count);
  }
  lives_close(&lives);
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** The reach of ORACLE_LIFETIMES
** ===================================================================
*/

static const struct oracle_reach reaches[] = {
    {ORACLE_REACH_ANY, ORACLE_REACH_ANY},
    {16, ORACLE_REACH_ANY},
    {4, ORACLE_REACH_ANY},
    {1, ORACLE_REACH_ANY},
    {16, 4},
    {4, 4},
    {4, 1},
    {1, 1},
};

static double cost_of(const struct account *account)
{
  double requests = account->requests == 0 ? 1 : (double)account->requests;
  return (double)account->peak.held + account->held_sum / requests;
}

static bool find_reach(const struct loaded_trace *loaded,
                       const pym_geometry *geometry,
                       const struct foresight *foresight,
                       struct oracle_reach *best)
{
  double least = -1;
  for (size_t i = 0; i < sizeof reaches / sizeof reaches[0]; i++) {
    struct oracle_result result = {.reach = reaches[i]};
    if (!oracle_place(loaded, geometry, foresight, &result))
      return false;
    if (least >= 0 && cost_of(&result.account) >= least)
      continue;
    least = cost_of(&result.account);
    *best = reaches[i];
  }
  return true;
}

static bool run_lifetimes(const struct loaded_trace *loaded,
                          const pym_geometry *geometry,
                          struct oracle_result *result)
{
  struct foresight foresight;
  bool is_done = foresight_open(&foresight, loaded, geometry) &&
                 find_reach(loaded, geometry, &foresight, &result->reach) &&
                 oracle_place(loaded, geometry, &foresight, result);
  foresight_close(&foresight);
  return is_done;
}

/* }================================================================== */

bool oracle_run(enum oracle oracle, const struct loaded_trace *loaded,
                const pym_geometry *geometry, struct oracle_result *result)
{
  return oracle == ORACLE_LIFETIMES
             ? run_lifetimes(loaded, geometry, result)
             : count_lives(oracle, loaded, geometry, result);
}
