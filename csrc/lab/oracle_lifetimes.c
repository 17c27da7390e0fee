#include <stdlib.h>
#include <string.h>

#include "lab/foresight.h"
#include "lab/number_set.h"
#include "lab/oracle.h"

#define NONE UINT32_MAX
#define WORD_BITS 64u

/* A pool in use, or one to be used again. */
struct pool {
  uint32_t szidx, arena, index; /* 'index' is its place in the arena */
  uint32_t live, capacity;
  uint32_t death; /* the latest of its blocks */
  uint32_t rank;  /* of the block that dies last */
  uint32_t spare; /* the next one to be used again */
};

struct arena {
  uint32_t used_pools;
  uint32_t death; /* the latest of its blocks */
  uint32_t spare;
};

/* Which places of pools or arenas are taken: the same number of words for each. */
struct taken {
  uint64_t *words;
  size_t words_each;
};

struct placed {
  uint32_t pool, block;
};

struct placing {
  const pym_geometry *geometry;
  const struct foresight *foresight;
  struct oracle_reach reach;
  uint32_t class_pools[CLASS_COUNT_MAX]; /* in use */
  struct number_set pools_with_room;     /* by rank */
  struct number_set arenas_with_room;    /* by death */
  struct pool *pools;
  struct taken blocks_taken; /* of each pool */
  uint32_t pool_count, spare_pool;
  size_t pool_capacity;
  struct arena *arenas;
  struct taken pools_taken; /* of each arena */
  uint32_t arena_count, spare_arena;
  size_t arena_capacity;
  struct placed *of_handle;
  uint32_t now; /* the number of the request */
  uint64_t used_pools, capacity_bytes, block_bytes, live, all_live;
  uint64_t arenas_current;
};

/*
** {==================================================================
** Records of pools and arenas
** ===================================================================
*/

/* Makes room for one more record and its words. false: there is no memory. */
static bool grow(void *array, size_t element_bytes, struct taken *taken,
                 size_t *capacity, size_t count)
{
  void **elements = array;
  if (count < *capacity)
    return true;
  size_t wanted = *capacity * 2 + 16;
  void *grown = realloc(*elements, wanted * element_bytes);
  if (grown != NULL)
    *elements = grown;
  uint64_t *words = realloc(taken->words, wanted * taken->words_each * 8);
  if (words != NULL)
    taken->words = words;
  if (grown == NULL || words == NULL)
    return false;
  *capacity = wanted;
  return true;
}

static void clear_taken(const struct taken *taken, uint32_t number)
{
  memset(taken->words + number * taken->words_each, 0,
         taken->words_each * sizeof(uint64_t));
}

/* Takes the lowest place that is free, of which there is one. */
static uint32_t take_place(const struct taken *taken, uint32_t number)
{
  uint64_t *words = taken->words + number * taken->words_each;
  uint32_t word = 0;
  while (words[word] == UINT64_MAX)
    word++;
  assert(word < taken->words_each);
  uint32_t bit = (uint32_t)__builtin_ctzll(~words[word]);
  words[word] |= UINT64_C(1) << bit;
  return word * WORD_BITS + bit;
}

static void free_place(const struct taken *taken, uint32_t number,
                       uint32_t place)
{
  uint64_t *word =
      &taken->words[number * taken->words_each + place / WORD_BITS];
  assert(*word >> (place % WORD_BITS) & 1);
  *word &= ~(UINT64_C(1) << (place % WORD_BITS));
}

/* The number of a record that is not in use; NONE: there is no memory. */
static uint32_t new_pool(struct placing *placing)
{
  uint32_t number = placing->spare_pool;
  if (number != NONE) {
    placing->spare_pool = placing->pools[number].spare;
    return number;
  }
  return grow(&placing->pools, sizeof(struct pool), &placing->blocks_taken,
              &placing->pool_capacity, placing->pool_count)
             ? placing->pool_count++
             : NONE;
}

static uint32_t new_arena(struct placing *placing)
{
  uint32_t number = placing->spare_arena;
  if (number != NONE) {
    placing->spare_arena = placing->arenas[number].spare;
    return number;
  }
  return grow(&placing->arenas, sizeof(struct arena), &placing->pools_taken,
              &placing->arena_capacity, placing->arena_count)
             ? placing->arena_count++
             : NONE;
}

/* }================================================================== */

/*
** {==================================================================
** Choosing
** ===================================================================
*/

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

/* The pool for a block with that class and rank; NONE: a new one. */
static uint32_t choose_pool(const struct placing *placing, size_t szidx,
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
    return NONE;
  if (has_next)
    return set->owners[next];
  return has_before ? set->owners[before] : NONE;
}

/* The arena for a new pool with that death; NONE: a new one. */
static uint32_t choose_arena(const struct placing *placing, uint32_t death)
{
  const struct number_set *set = &placing->arenas_with_room;
  uint32_t next = number_set_next(set, death);
  uint32_t before = number_set_before(set, death);
  if (next != NUMBER_SET_NONE && is_near_arena(placing, death, next))
    return set->owners[next];
  if (before != NUMBER_SET_NONE && is_near_arena(placing, death, before))
    return set->owners[before];
  if (placing->arenas_current < placing->foresight->arenas[placing->now])
    return NONE;
  if (next != NUMBER_SET_NONE)
    return set->owners[next];
  return before != NUMBER_SET_NONE ? set->owners[before] : NONE;
}

/* }================================================================== */

/*
** {==================================================================
** Placing
** ===================================================================
*/

static bool arena_has_room(const struct placing *placing,
                           const struct arena *arena)
{
  return arena->used_pools < geometry_arena_pools(placing->geometry);
}

/* Lets an arena be in use until a death. */
static void extend_arena(struct placing *placing, uint32_t number,
                         uint32_t death)
{
  struct arena *arena = &placing->arenas[number];
  if (death <= arena->death)
    return;
  if (arena_has_room(placing, arena)) {
    number_set_remove(&placing->arenas_with_room, arena->death);
    number_set_add(&placing->arenas_with_room, death, number);
  }
  arena->death = death;
}

/* Begins an arena that is in use until a death. NONE: there is no memory. */
static uint32_t begin_arena(struct placing *placing, uint32_t death,
                            struct oracle_result *result)
{
  uint32_t number = new_arena(placing);
  if (number == NONE)
    return NONE;
  placing->arenas[number] = (struct arena){0, death, NONE};
  clear_taken(&placing->pools_taken, number);
  number_set_add(&placing->arenas_with_room, death, number);
  result->arenas_obtained++;
  if (++placing->arenas_current > result->arenas_highwater)
    result->arenas_highwater = placing->arenas_current;
  return number;
}

/* Begins a pool for a block. NONE: there is no memory. */
static uint32_t begin_pool(struct placing *placing, size_t szidx, uint32_t rank,
                           uint32_t death, struct oracle_result *result)
{
  uint32_t number = new_pool(placing);
  uint32_t arena_number = choose_arena(placing, death);
  if (arena_number == NONE)
    arena_number = begin_arena(placing, death, result);
  if (number == NONE || arena_number == NONE)
    return NONE;
  extend_arena(placing, arena_number, death);
  struct arena *arena = &placing->arenas[arena_number];
  struct pool *pool = &placing->pools[number];
  *pool =
      (struct pool){.szidx = (uint32_t)szidx,
                    .arena = arena_number,
                    .index = take_place(&placing->pools_taken, arena_number),
                    .death = death,
                    .rank = rank,
                    .spare = NONE};
  pool->capacity = (uint32_t)pym_class_capacity(placing->geometry, szidx);
  clear_taken(&placing->blocks_taken, number);
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
  struct pool *pool = &placing->pools[number];
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
  uint32_t number = choose_pool(placing, szidx, rank);
  if (number == NONE)
    number = begin_pool(placing, szidx, rank, death, result);
  if (number == NONE)
    return false;
  extend_pool(placing, number, rank, death);
  struct pool *pool = &placing->pools[number];
  *placed = (struct placed){number, take_place(&placing->blocks_taken, number)};
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
  struct pool *pool = &placing->pools[number];
  struct arena *arena = &placing->arenas[pool->arena];
  number_set_remove(&placing->pools_with_room, pool->rank);
  free_place(&placing->pools_taken, pool->arena, pool->index);
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
  result->arenas_released++;
}

static void free_block(struct placing *placing, struct placed placed,
                       struct oracle_result *result)
{
  struct pool *pool = &placing->pools[placed.pool];
  assert(pool->live > 0 && pool->death >= placing->now);
  free_place(&placing->blocks_taken, placed.pool, placed.block);
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
  const struct pool *pool = &placing->pools[placed.pool];
  return (uint64_t)pool->arena * geometry->arena_bytes +
         geometry_first_pool(geometry) - geometry->arena_offset +
         (uint64_t)pool->index * geometry->pool_bytes +
         geometry_header_bytes(geometry) +
         (uint64_t)placed.block * geometry_class_bytes(geometry, pool->szidx);
}

static struct moment moment_of(const struct placing *placing)
{
  uint64_t used = placing->used_pools * placing->geometry->pool_bytes;
  struct moment moment = {.held = placing->arenas_current *
                                  placing->geometry->arena_bytes,
                          .live = placing->live,
                          .all_live = placing->all_live};
  moment.waste.rounding = placing->block_bytes - placing->live;
  moment.waste.free = placing->capacity_bytes - placing->block_bytes;
  moment.waste.headers = used - placing->capacity_bytes;
  moment.waste.unused = moment.held - used;
  return moment;
}

/* A block that moves is copied: its new place is taken before it is freed. */
static bool change_block(struct placing *placing, uint32_t handle,
                         const struct life_change *change,
                         struct oracle_result *result)
{
  struct placed before = {NONE, NONE};
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
    lives_count_served(&lives, &change, &result->account);
    is_done = change_block(placing, loaded->items[lives.done - 1].handle,
                           &change, result);
    struct moment moment = moment_of(placing);
    account_note(&result->account, &moment, loaded->count);
  }
  lives_close(&lives);
  return is_done;
}

static bool open_placing(struct placing *placing,
                         const struct loaded_trace *loaded)
{
  const pym_geometry *geometry = placing->geometry;
  const struct foresight *foresight = placing->foresight;
  placing->spare_pool = placing->spare_arena = NONE;
  placing->blocks_taken.words_each =
      pym_class_capacity(geometry, 0) / WORD_BITS + 1;
  placing->pools_taken.words_each =
      geometry_arena_pools(geometry) / WORD_BITS + 1;
  placing->of_handle =
      malloc((loaded->handle_count + 1) * sizeof *placing->of_handle);
  return placing->of_handle != NULL &&
         number_set_open(&placing->pools_with_room,
                         foresight->first_rank[CLASS_COUNT_MAX] + 1) &&
         number_set_open(&placing->arenas_with_room, foresight->end + 1);
}

static void close_placing(struct placing *placing)
{
  free(placing->pools);
  free(placing->blocks_taken.words);
  free(placing->arenas);
  free(placing->pools_taken.words);
  free(placing->of_handle);
  number_set_close(&placing->pools_with_room);
  number_set_close(&placing->arenas_with_room);
}

bool oracle_place(const struct loaded_trace *loaded,
                  const pym_geometry *geometry,
                  const struct foresight *foresight,
                  struct oracle_result *result)
{
  struct placing placing = {
      .geometry = geometry, .foresight = foresight, .reach = result->reach};
  result->has_arenas = true;
  bool is_done =
      open_placing(&placing, loaded) && run(&placing, loaded, result);
  close_placing(&placing);
  return is_done;
}

/* }================================================================== */
