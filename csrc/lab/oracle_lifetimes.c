#include "lab/placing.h"

/*
** {==================================================================
** Placing
** ===================================================================
*/

static bool arena_has_room(const struct placing *placing,
                           const struct placing_arena *arena)
{
  return arena->used_pools < geometry_arena_pools(placing->geometry);
}

/* Lets an arena be in use until a death. */
static void extend_arena(struct placing *placing, uint32_t number,
                         uint32_t death)
{
  struct placing_arena *arena = &placing->arenas[number];
  if (death <= arena->death)
    return;
  if (arena_has_room(placing, arena)) {
    number_set_remove(&placing->arenas_with_room, arena->death);
    number_set_add(&placing->arenas_with_room, death, number);
  }
  arena->death = death;
}

/* Begins an arena in use until a death. PLACING_NONE: there is no memory. */
static uint32_t begin_arena(struct placing *placing, uint32_t death,
                            struct oracle_result *result)
{
  uint32_t number = placing_new_arena(placing);
  if (number == PLACING_NONE)
    return PLACING_NONE;
  placing->arenas[number] = (struct placing_arena){0, death, PLACING_NONE};
  number_set_add(&placing->arenas_with_room, death, number);
  result->measures.arenas_obtained++;
  if (++placing->arenas_current > result->measures.arenas_highwater)
    result->measures.arenas_highwater = placing->arenas_current;
  return number;
}

/* Begins a pool for a block. PLACING_NONE: there is no memory. */
static uint32_t begin_pool(struct placing *placing, size_t szidx, uint32_t rank,
                           uint32_t death, struct oracle_result *result)
{
  uint32_t number = placing_new_pool(placing);
  uint32_t arena_number = placing_choose_arena(placing, death);
  if (arena_number == PLACING_NONE)
    arena_number = begin_arena(placing, death, result);
  if (number == PLACING_NONE || arena_number == PLACING_NONE)
    return PLACING_NONE;
  extend_arena(placing, arena_number, death);
  struct placing_arena *arena = &placing->arenas[arena_number];
  struct placing_pool *pool = &placing->pools[number];
  *pool = (struct placing_pool){
      .szidx = (uint32_t)szidx,
      .arena = arena_number,
      .index = placing_take(&placing->pools_taken, arena_number),
      .death = death,
      .rank = rank,
      .spare = PLACING_NONE};
  pool->capacity = (uint32_t)pym_class_capacity(placing->geometry, szidx);
  arena->used_pools++;
  if (!arena_has_room(placing, arena))
    number_set_remove(&placing->arenas_with_room, arena->death);
  number_set_add(&placing->pools_with_room, rank, number);
  placing->used_pools++;
  placing->class_pools[szidx]++;
  placing->capacity_bytes +=
      (uint64_t)pool->capacity * geometry_class_bytes(placing->geometry, szidx);
  return number;
}

/* Lets a pool with room be in use until the death of a block. */
static void extend_pool(struct placing *placing, uint32_t number, uint32_t rank,
                        uint32_t death)
{
  struct placing_pool *pool = &placing->pools[number];
  if (death > pool->death) {
    number_set_remove(&placing->pools_with_room, pool->rank);
    number_set_add(&placing->pools_with_room, rank, number);
    pool->rank = rank;
    pool->death = death;
  }
  extend_arena(placing, pool->arena, death);
}

/* Places the block that begins at this request. false: there is no memory. */
static bool place_block(struct placing *placing, size_t szidx,
                        struct placed *placed, struct oracle_result *result)
{
  uint32_t rank = placing->foresight->ranks[placing->now];
  uint32_t death = placing->foresight->deaths[placing->now];
  uint32_t number = placing_choose_pool(placing, szidx, rank);
  if (number == PLACING_NONE)
    number = begin_pool(placing, szidx, rank, death, result);
  if (number == PLACING_NONE)
    return false;
  extend_pool(placing, number, rank, death);
  struct placing_pool *pool = &placing->pools[number];
  *placed =
      (struct placed){number, placing_take(&placing->blocks_taken, number)};
  assert(placed->block < pool->capacity);
  if (++pool->live == pool->capacity)
    number_set_remove(&placing->pools_with_room, pool->rank);
  placing->block_bytes += geometry_class_bytes(placing->geometry, szidx);
  return true;
}

/* Ends the use of a pool without live blocks, and that of its arena. */
static void end_pool(struct placing *placing, uint32_t number,
                     struct oracle_result *result)
{
  struct placing_pool *pool = &placing->pools[number];
  struct placing_arena *arena = &placing->arenas[pool->arena];
  number_set_remove(&placing->pools_with_room, pool->rank);
  placing_give_back(&placing->pools_taken, pool->arena, pool->index);
  placing->used_pools--;
  placing->class_pools[pool->szidx]--;
  placing->capacity_bytes -=
      (uint64_t)pool->capacity *
      geometry_class_bytes(placing->geometry, pool->szidx);
  pool->spare = placing->spare_pool;
  placing->spare_pool = number;
  if (!arena_has_room(placing, arena))
    number_set_add(&placing->arenas_with_room, arena->death, pool->arena);
  if (--arena->used_pools > 0)
    return;
  number_set_remove(&placing->arenas_with_room, arena->death);
  arena->spare = placing->spare_arena;
  placing->spare_arena = pool->arena;
  placing->arenas_current--;
  result->measures.arenas_released++;
}

static void free_block(struct placing *placing, struct placed placed,
                       struct oracle_result *result)
{
  struct placing_pool *pool = &placing->pools[placed.pool];
  assert(pool->live > 0 && pool->death >= placing->now);
  placing_give_back(&placing->blocks_taken, placed.pool, placed.block);
  placing->block_bytes -= geometry_class_bytes(placing->geometry, pool->szidx);
  if (pool->live-- == pool->capacity)
    number_set_add(&placing->pools_with_room, pool->rank, placed.pool);
  if (pool->live == 0)
    end_pool(placing, placed.pool, result);
}

/* }================================================================== */

/*
** {==================================================================
** Running
** ===================================================================
*/

static uint64_t address_of(const struct placing *placing, struct placed placed)
{
  const pym_geometry *geometry = placing->geometry;
  const struct placing_pool *pool = &placing->pools[placed.pool];
  return (uint64_t)pool->arena * geometry->arena_bytes +
         geometry_first_pool(geometry) - geometry->arena_offset +
         (uint64_t)pool->index * geometry->pool_bytes +
         geometry_header_bytes(geometry) +
         (uint64_t)placed.block * geometry_class_bytes(geometry, pool->szidx);
}

static struct measure_point point_of(const struct placing *placing)
{
  return (struct measure_point){.requests = placing->now,
                                .held = placing->arenas_current *
                                        placing->geometry->arena_bytes,
                                .live = placing->live,
                                .raw = placing->all_live - placing->live};
}

static struct waste waste_of(const struct placing *placing, uint64_t held)
{
  uint64_t used = placing->used_pools * placing->geometry->pool_bytes;
  return (struct waste){.rounding = placing->block_bytes - placing->live,
                        .free = placing->capacity_bytes - placing->block_bytes,
                        .headers = used - placing->capacity_bytes,
                        .unused = held - used};
}

/* A block that moves is copied: its new place is taken before it is freed. */
static bool change_block(struct placing *placing, uint32_t handle,
                         const struct life_change *change,
                         struct oracle_result *result)
{
  struct placed before = {PLACING_NONE, PLACING_NONE};
  if (life_is_small(&change->before)) {
    before = placing->of_handle[handle];
    placing->live -= change->before.bytes;
  }
  if (life_begins(change) && !place_block(placing, change->after.szidx,
                                          &placing->of_handle[handle], result))
    return false;
  if (life_is_small(&change->after))
    placing->live += change->after.bytes;
  placing->all_live += change->after.bytes - change->before.bytes;
  if (result->addresses != NULL && life_is_small(&change->after))
    result->addresses[placing->now - 1] =
        address_of(placing, placing->of_handle[handle]);
  if (life_dies(change))
    free_block(placing, before, result);
  return true;
}

static bool run(struct placing *placing, const struct loaded_trace *loaded,
                struct oracle_result *result)
{
  struct lives lives;
  struct life_change change;
  bool is_done = lives_open(&lives, loaded, placing->geometry);
  while (is_done && lives_next(&lives, &change)) {
    placing->now = (uint32_t)lives.done;
    lives_count_served(&lives, &change, &result->measures);
    is_done = change_block(placing, loaded->items[lives.done - 1].handle,
                           &change, result);
    result->measures.end = point_of(placing);
    if (measures_note(&result->measures, &result->measures.end))
      result->measures.waste = waste_of(placing, result->measures.end.held);
  }
  lives_close(&lives);
  return is_done;
}

bool oracle_place(const struct loaded_trace *loaded,
                  const pym_geometry *geometry,
                  const struct foresight *foresight,
                  struct oracle_result *result)
{
  struct placing placing = {
      .geometry = geometry, .foresight = foresight, .reach = result->reach};
  result->measures.has_arenas = true;
  bool is_done =
      placing_open(&placing, loaded) && run(&placing, loaded, result);
  placing_close(&placing);
  return is_done;
}

/* }================================================================== */
