/*
** The map of all pools of a run's heap, as a string of bytes, as run_lists.c
** makes strings.
*/
#include <string.h>

#include "argument.h"
#include "run_type.h"
#include "state/walk.h"

enum map_state { MAP_VIRGIN, MAP_EMPTY, MAP_USED, MAP_FULL };

#define MAP_HEAD_BYTES ((size_t)8)
#define MAP_POOL_BYTES ((size_t)8) /* 4 + 2 + 1 + 1 */

/* Numbers of the map, the lowest byte first. */
static void put_bytes(unsigned char *to, size_t number, size_t count)
{
  for (size_t i = 0; i < count; i++)
    to[i] = (unsigned char)(number >> 8 * i);
}

static size_t arena_map_bytes(const struct arena_object *arena)
{
  return MAP_HEAD_BYTES + arena->ntotalpools * MAP_POOL_BYTES;
}

static size_t map_bytes(const pym_heap *heap)
{
  size_t slot = 0, total = 0;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(heap, &slot)) != NULL)
    total += arena_map_bytes(arena);
  return total;
}

static enum map_state map_state_of(const struct pool_header *pool)
{
  if (pool_is_empty(pool))
    return MAP_EMPTY;
  return pool_is_full(pool) ? MAP_FULL : MAP_USED;
}

/* Writes the pools of an arena: four arrays, one after the other. */
static void write_arena_map(const pym_heap *heap,
                            const struct arena_object *arena, unsigned char *to)
{
  size_t count = arena->ntotalpools;
  unsigned char *counts = to + MAP_HEAD_BYTES, *classes = counts + 4 * count;
  unsigned char *states = classes + 2 * count;
  memset(to, 0, arena_map_bytes(arena));
  put_bytes(to, (size_t)(arena - heap->arenas), 4);
  put_bytes(to + 4, count, 4);
  memset(classes, 0xff, 2 * count);
  const struct pool_header *pool = walk_first_pool(heap, arena);
  for (; pool != NULL; pool = walk_next_pool(heap, arena, pool)) {
    put_bytes(counts, pool->ref.count, 4);
    if (walk_has_class(heap, pool))
      put_bytes(classes, pool->szidx, 2);
    *states++ = (unsigned char)map_state_of(pool);
    counts += 4;
    classes += 2;
  }
}

static size_t get_number(const unsigned char *from)
{
  return (size_t)from[0] | (size_t)from[1] << 8 | (size_t)from[2] << 16 |
         (size_t)from[3] << 24;
}

/* The part of the map that is of a slot, or NULL. */
static unsigned char *find_arena(unsigned char *map, size_t bytes, size_t slot)
{
  for (size_t at = 0; at < bytes;
       at += MAP_HEAD_BYTES + get_number(map + at + 4) * MAP_POOL_BYTES)
    if (get_number(map + at) == slot)
      return map + at;
  return NULL;
}

/* Marks the pool of a change of a pool or a block. */
static void mark_pool(const pym_geometry *geometry, unsigned char *map,
                      size_t bytes, uint64_t where)
{
  size_t slot = (size_t)(where / geometry->arena_bytes);
  size_t number =
      (size_t)(where % geometry->arena_bytes) / geometry->pool_bytes -
      geometry_first_pool(geometry) / geometry->pool_bytes;
  unsigned char *arena = find_arena(map, bytes, slot);
  if (arena == NULL) /* it was released */
    return;
  size_t count = get_number(arena + 4);
  assert(number < count);
  arena[MAP_HEAD_BYTES + 7 * count + number] = 1;
}

static void mark_changes(const struct timeline *run, unsigned char *map,
                         size_t bytes)
{
  const pym_geometry *geometry = &run->heap->geometry;
  for (size_t i = 0; i < run->events.count; i++) {
    const struct event *event = &run->events.items[i];
    for (uint32_t j = 0; j < event->change_count; j++) {
      const struct event_change *change = &event->changes[j];
      enum event_record record = event_field_record(change->field);
      if (record == EVENT_OF_POOL || record == EVENT_OF_BLOCK)
        mark_pool(geometry, map, bytes, change->where);
    }
  }
}

static void write_map(const struct timeline *run, unsigned char *map,
                      size_t bytes)
{
  size_t slot = 0;
  unsigned char *to = map;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(run->heap, &slot)) != NULL) {
    write_arena_map(run->heap, arena, to);
    to += arena_map_bytes(arena);
  }
  mark_changes(run, map, bytes);
}

/*
** run.map(run): all pools, as bytes. For each live arena: u32 slot, u32 count
** of its pools, then for all of them u32 ref_count, u16 szidx (0xffff: none), u8
** state (0 virgin, 1 empty, 2 used, 3 full), u8 1 if the request just done has
** changed the pool or a block of it. Numbers have the lowest byte first.
*/
static int map(lua_State *L)
{
  lua_settop(L, 1);
  for (size_t room = 0;;) {
    unsigned char *to = binding_push_scratch(L, room);
    const struct timeline *run = binding_check_run(L);
    size_t bytes = map_bytes(run->heap);
    if (bytes <= room) {
      write_map(run, to, bytes);
      lua_pushlstring(L, (const char *)to, bytes);
      return 1;
    }
    room = bytes;
    lua_settop(L, 1);
  }
}

static const luaL_Reg functions[] = {{"map", map}, {NULL, NULL}};

void binding_set_run_map(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
