/*
** The pools of an arena and the arenas of a heap: one by its place, or all by
** an iterator.
*/
#include "arena.h"
#include "argument.h"
#include "heap.h"
#include "pool.h"
#include "state/walk.h"

/***
** arena:pool(offset): the carved pool at an offset. An offset at which there
** is not a carved pool raises an error.
** @tparam integer offset bytes from the arena's first pool, a multiple of the
** size of a pool
** @treturn pymalloc.Pool
** @usage arena:pool(0).offset --> 0
*/
static int pool(lua_State *L)
{
  pym_heap *heap;
  const struct arena_object *arena = arena_check(L, 1, &heap);
  uint64_t offset = binding_check_number(L, 2, "arena:pool: offset");
  lua_Integer slot = arena - heap->arenas;
  if (offset % heap->geometry.pool_bytes != 0)
    return luaL_error(L,
                      "pymalloc: arena:pool: offset must be a multiple of %I, "
                      "got %I",
                      (LUAI_UACINT)heap->geometry.pool_bytes,
                      (LUAI_UACINT)offset);
  if (!arena_is_open(arena))
    return luaL_error(L, "pymalloc: arena:pool: slot %I has no arena",
                      (LUAI_UACINT)slot);
  if (view_pool_at(heap, arena, size_of_number(offset)) == NULL)
    return luaL_error(L,
                      "pymalloc: arena:pool: pool %I of arena %I is not "
                      "carved",
                      (LUAI_UACINT)offset, (LUAI_UACINT)slot);
  struct place place = {(size_t)slot, (size_t)offset, arena->serial};
  (void)lua_getiuservalue(L, 1, 1);
  view_push(L, &binding_pool_type, lua_gettop(L), place);
  return 1;
}

/* An iterator: the carved pool behind the one at index 2, or the first one. */
static int next_pool(lua_State *L)
{
  pym_heap *heap;
  const struct arena_object *arena = arena_check(L, 1, &heap);
  size_t offset = 0;
  if (!lua_isnoneornil(L, 2)) {
    const struct view *previous = binding_check(L, 2, &binding_pool_type);
    offset = previous->place.offset + heap->geometry.pool_bytes;
  }
  if (!arena_is_open(arena) ||
      view_pool_at(heap, arena, size_of_number(offset)) == NULL) {
    lua_pushnil(L);
    return 1;
  }
  struct place place = {(size_t)(arena - heap->arenas), offset, arena->serial};
  (void)lua_getiuservalue(L, 1, 1);
  view_push(L, &binding_pool_type, lua_gettop(L), place);
  return 1;
}

/***
** arena:pools(): iterates over the carved pools, by address.
** @treturn function
** @treturn pymalloc.Arena
** @usage
** for each in arena:pools() do
**   print(each) --> pymalloc.Pool 0:0 used, 1 of 253 blocks of 16 bytes live
** end
*/
static int pools(lua_State *L)
{
  pym_heap *heap;
  (void)arena_check(L, 1, &heap);
  lua_pushcfunction(L, next_pool);
  lua_pushvalue(L, 1);
  return 2;
}

/***
** heap:arena(index): a slot of the arenas vector, with or without an arena. A
** slot that the vector does not have raises an error.
** @tparam integer index the number of the slot, counted from 0
** @treturn pymalloc.Arena
** @usage
** heap:arena(0).state --> usable
** heap:arena(1).state --> closed
*/
static int heap_arena_method(lua_State *L)
{
  const pym_heap *heap = binding_check_heap(L, 1);
  uint64_t slot = binding_check_number(L, 2, "heap:arena: index");
  if (slot >= heap->maxarenas)
    return luaL_error(L,
                      "pymalloc: heap:arena: index %I is out of range: the "
                      "heap has %I slots",
                      (LUAI_UACINT)slot, (LUAI_UACINT)heap->maxarenas);
  view_push(L, &binding_arena_type, 1, (struct place){.slot = (size_t)slot});
  return 1;
}

static int next_arena(lua_State *L)
{
  const pym_heap *heap = binding_check_heap(L, 1);
  size_t slot = 0;
  if (!lua_isnoneornil(L, 2)) {
    const struct view *previous = binding_check(L, 2, &binding_arena_type);
    slot = previous->place.slot + 1;
  }
  if (walk_next_arena(heap, &slot) == NULL)
    lua_pushnil(L);
  else
    view_push(L, &binding_arena_type, 1, (struct place){.slot = slot - 1});
  return 1;
}

/***
** heap:arenas(): iterates over the live arenas, by slot.
** @treturn function
** @treturn pymalloc.Heap
** @usage
** for each in heap:arenas() do
**   print(each) --> pymalloc.Arena 0 usable, 63 of 64 pools free
** end
*/
static int heap_arenas(lua_State *L)
{
  (void)binding_check_heap(L, 1);
  lua_pushcfunction(L, next_arena);
  lua_pushvalue(L, 1);
  return 2;
}

const luaL_Reg arena_pool_methods[] = {
    {"pool", pool}, {"pools", pools}, {NULL, NULL}};

const luaL_Reg binding_arena_methods[] = {
    {"arena", heap_arena_method}, {"arenas", heap_arenas}, {NULL, NULL}};
