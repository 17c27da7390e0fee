#include "lab/arena_parts.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES 4096u

/* The group of a pool size. It is made if it is the first of its size. */
static uint32_t find_group(struct simulator *sim, size_t pool_bytes)
{
  for (size_t i = 0; i < sim->group_count; i++)
    if (sim->groups[i].pool_bytes == pool_bytes)
      return (uint32_t)i;
  struct lab_group *group = &sim->groups[sim->group_count];
  group->pool_bytes = pool_bytes;
  group->arena_pools = (uint32_t)design_arena_pools(sim->design, pool_bytes);
  return (uint32_t)sim->group_count++;
}

static void set_classes(struct simulator *sim)
{
  const struct design *design = sim->design;
  size_t szidx = 0;
  for (size_t bytes = 0; bytes <= design->threshold; bytes++) {
    while (design->class_bytes[szidx] < bytes)
      szidx++;
    sim->class_of[bytes] = (uint16_t)szidx;
  }
  for (size_t i = 0; i < design->class_count; i++) {
    uint32_t capacity = design_capacity(design, i);
    sim->used[i] = LAB_NONE;
    sim->group_of[i] = find_group(sim, design->pool_bytes[i]);
    struct lab_group *group = &sim->groups[sim->group_of[i]];
    if (group->capacity_most < capacity)
      group->capacity_most = capacity;
  }
}

static bool open_groups(struct simulator *sim)
{
  for (size_t i = 0; i < sim->group_count; i++) {
    struct lab_group *group = &sim->groups[i];
    group->order.nfp2lasta =
        calloc((size_t)group->arena_pools + 1, sizeof(struct arena_object *));
    if (group->order.nfp2lasta == NULL || !arena_open_region(sim, group))
      return false;
  }
  return true;
}

bool simulator_open(struct simulator *sim, const struct design *design)
{
  *sim = (struct simulator){
      .design = design, .allowed = SIZE_MAX, .random = design->seed};
  sim->class_of = calloc(design->threshold + 1, sizeof sim->class_of[0]);
  sim->groups = calloc(design->class_count, sizeof sim->groups[0]);
  sim->cache = calloc(design->class_count * design->cache_blocks + 1,
                      sizeof sim->cache[0]);
  if (sim->class_of == NULL || sim->groups == NULL || sim->cache == NULL)
    return false;
  set_classes(sim);
  return open_groups(sim);
}

void simulator_close(struct simulator *sim)
{
  for (size_t i = 0; i < sim->group_count; i++) {
    struct lab_group *group = &sim->groups[i];
    if (group->region.slot_count > 0)
      region_close(&group->region);
    free(group->order.nfp2lasta);
    free(group->arenas);
    free(group->more);
    ranked_close(&group->ranked);
  }
  for (size_t i = 0; i < DESIGN_CLASSES_MAX; i++)
    ranked_close(&sim->ranked[i]);
  free(sim->class_of);
  free(sim->groups);
  free(sim->pools);
  free(sim->links);
  free(sim->cache);
  free(sim->due);
}

uint64_t simulator_address(const struct simulator *sim, uint32_t number)
{
  const struct lab_pool *pool = &sim->pools[number];
  const struct lab_group *group = &sim->groups[pool->group];
  const struct lab_arena *arena = &group->more[pool->slot];
  uint64_t first = sim->design->arena_offset % group->pool_bytes == 0
                       ? 0
                       : group->pool_bytes;
  return pool->slot * (uint64_t)sim->design->arena_bytes + first +
         (number - arena->first_pool) * group->pool_bytes;
}

struct pool_facts simulator_pool_facts(const struct simulator *sim,
                                       uint32_t number)
{
  const struct lab_pool *pool = &sim->pools[number];
  return (struct pool_facts){.class_bytes =
                                 sim->design->class_bytes[pool->szidx],
                             .capacity = pool->capacity,
                             .live = pool->count,
                             .address = simulator_address(sim, number),
                             .requests = sim->request,
                             .links = &sim->links[pool->links],
                             .free = pool->free};
}

uint32_t simulator_ask_block(struct simulator *sim, const struct lab_pool *pool)
{
  const struct design_calls *calls = &sim->design->calls;
  struct pool_facts facts =
      simulator_pool_facts(sim, (uint32_t)(pool - sim->pools));
  uint32_t number = pool->free;
  if (sim->has_failed || calls->choose_block(calls->context, &facts, &number))
    return number;
  sim->has_failed = true;
  return pool->free;
}

/*
** Counts the touched pages of an arena from '*end' on, and moves '*end' behind
** them. Pools are in ascending order, and neighbours may share a page.
*/
static uint64_t touched_of(const struct simulator *sim,
                           const struct lab_group *group, uint32_t slot,
                           uint64_t *end)
{
  size_t first_pool = group->more[slot].first_pool;
  uint64_t pages = 0;
  for (uint32_t i = 0; first_pool != SIZE_MAX && i < group->arena_pools; i++) {
    uint32_t number = (uint32_t)first_pool + i;
    if (sim->pools[number].covered == 0)
      continue;
    uint64_t address = simulator_address(sim, number);
    uint64_t first = address / PAGE_BYTES;
    uint64_t last = (address + sim->pools[number].covered - 1) / PAGE_BYTES;
    pages += last + 1 - (first > *end ? first : *end);
    *end = last + 1;
  }
  return pages;
}

uint64_t simulator_touched_pages(const struct simulator *sim)
{
  uint64_t pages = 0;
  for (size_t i = 0; i < sim->group_count; i++) {
    const struct lab_group *group = &sim->groups[i];
    uint64_t end = 0; /* of the pages counted */
    for (size_t slot = 0; slot < group->slot_count; slot++)
      pages += touched_of(sim, group, (uint32_t)slot, &end);
  }
  return pages;
}
