#include "lab/oracle.h"

#include "lab/foresight.h"
#include "lab/live_count.h"

/*
** {==================================================================
** Counting
** ===================================================================
*/

/* The waste of 'held' bytes that are held for the live blocks. */
static struct waste waste_of(const struct live_count *count, enum oracle oracle,
                             uint64_t held)
{
  uint64_t pool_bytes = count->pools * count->geometry->pool_bytes;
  struct waste waste = {.unused = held - count->bytes};
  if (oracle != ORACLE_POOLS)
    return waste;
  waste.rounding = count->block_bytes - count->bytes;
  waste.free = count->capacity_bytes - count->block_bytes;
  waste.headers = pool_bytes - count->capacity_bytes;
  waste.unused = held - pool_bytes;
  return waste;
}

/* The arenas that hold the live blocks. */
static uint64_t arenas_for(const struct live_count *count, enum oracle oracle)
{
  if (oracle == ORACLE_POOLS)
    return live_count_arenas(count);
  return live_count_whole(count->bytes, count->geometry->arena_bytes);
}

static void note_arenas(struct measures *measures, uint64_t before,
                        uint64_t arenas)
{
  if (arenas > measures->arenas_highwater)
    measures->arenas_highwater = arenas;
  if (arenas > before)
    measures->arenas_obtained += arenas - before;
  else
    measures->arenas_released += before - arenas;
}

static bool count_lives(enum oracle oracle, const struct loaded_trace *loaded,
                        const pym_geometry *geometry, struct measures *measures)
{
  struct live_count count = {.geometry = geometry};
  struct lives lives;
  struct life_change change;
  uint64_t arenas = 0;
  if (!lives_open(&lives, loaded, geometry))
    return false;
  measures->has_arenas = oracle != ORACLE_BYTES;
  while (lives_next(&lives, &change)) {
    uint64_t before = arenas;
    live_count_change(&count, &change);
    lives_count_served(&lives, &change, measures);
    if (measures->has_arenas)
      arenas = arenas_for(&count, oracle);
    note_arenas(measures, before, arenas);
    measures->end = (struct measure_point){
        .requests = lives.done,
        .held =
            measures->has_arenas ? arenas * geometry->arena_bytes : count.bytes,
        .live = count.bytes,
        .raw = count.all_bytes - count.bytes};
    if (measures_note(measures, &measures->end))
      measures->waste = waste_of(&count, oracle, measures->end.held);
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

static double cost_of(const struct measures *measures)
{
  return (double)measures->peak.held +
         measures_mean(measures, &measures->held_sum, NULL);
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
    if (least >= 0 && cost_of(&result.measures) >= least)
      continue;
    least = cost_of(&result.measures);
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
             : count_lives(oracle, loaded, geometry, &result->measures);
}
