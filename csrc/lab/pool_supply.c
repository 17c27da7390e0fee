/*
** The pools of the simulator: a pool is taken from an arena and given to a
** class, and goes back to the arena when its last block is freed.
*/
#include "lab/arena_parts.h"
#include "lab/block_rule.h"
#include "lab/reserve.h"

/* Takes a pool from an arena: one that came back, or the next virgin one. */
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

/*
** Gives a pool places in 'links' for a class. A pool that changes its class and
** needs more places gets enough for any class of its group, so that this
** happens once. false: there is no memory.
*/
static bool make_links(struct simulator *sim, struct lab_pool *pool)
{
  uint32_t wanted = links_wanted(sim->design, pool->capacity);
  if (likely(wanted <= pool->link_count))
    return true;
  if (pool->link_count > 0)
    wanted = links_wanted(sim->design, sim->groups[pool->group].capacity_most);
  if (!reserve(&sim->links, &sim->link_capacity, sim->link_count, wanted,
               sizeof sim->links[0]))
    return false;
  pool->links = sim->link_count;
  pool->link_count = wanted;
  sim->link_count += wanted;
  return true;
}

/* Gives a pool to a class. false: there is no memory. */
static bool init_pool(struct simulator *sim, struct lab_pool *pool,
                      uint32_t szidx)
{
  const struct design *design = sim->design;
  pool->szidx = szidx;
  pool->capacity = design_capacity(design, szidx);
  pool->carved = design->carving == CARVING_EAGER ? pool->capacity : 1;
  if (!make_links(sim, pool))
    return false;
  if (design->next_block == BLOCK_LOWEST)
    mark_all(sim, pool);
  else
    chain_all(sim, pool);
  return true;
}

/* Counts a pool that gets its first live block, and the bytes carved in it. */
static void count_begun(struct simulator *sim, struct lab_pool *pool)
{
  const struct design *design = sim->design;
  uint32_t class_bytes = design->class_bytes[pool->szidx];
  sim->counts.pool_bytes += design->pool_bytes[pool->szidx];
  sim->counts.block_bytes += (uint64_t)pool->capacity * class_bytes;
  cover(sim, pool);
}

uint32_t simulator_begin_pool(struct simulator *sim, uint32_t szidx)
{
  uint32_t group_number = sim->group_of[szidx];
  struct arena_object *arena = arena_next(sim, group_number);
  if (arena == NULL)
    return LAB_NONE;
  uint32_t number = take_pool(sim, &sim->groups[group_number], arena);
  struct lab_pool *pool = &sim->pools[number];
  assert(pool->count == 0);
  if (pool->szidx != szidx && !init_pool(sim, pool, szidx)) {
    sim->has_failed = true;
    return LAB_NONE;
  }
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
  if (arena_is_free(arena))
    arena_emptied(sim, pool->group, arena);
  else
    arena_gained_pool(sim, group, arena);
}
