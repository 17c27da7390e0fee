/*
** The methods of a pool that read its blocks: the free chain, and the state of
** each block.
*/
#include <limits.h>

#include "pool.h"
#include "state/walk.h"

/*
** A copy of the state of a pool at one moment. Tables are made from it
** afterwards: their memory may come from that same pool.
*/
struct note {
  size_t first, bytes, capacity; /* of its blocks; capacity 0: no class */
  size_t nextoffset;
  size_t free_count;
  size_t cached_count; /* at the end of 'free': offsets of cached blocks */
  size_t free[];       /* offsets of the free blocks, in the chain's order */
};

static void write_free_chain(lua_State *L, const struct pool_at *at,
                             struct note *note)
{
  struct walk_free search = {0};
  bool is_damaged = false;
  while (note->capacity > 0) {
    const block *found =
        walk_next_free(at->heap, at->pool, &search, &is_damaged);
    if (is_damaged)
      luaL_error(L,
                 "pymalloc: the free chain of pool %I of arena %I leads to %p "
                 "after %I blocks",
                 (LUAI_UACINT)at->place.offset, (LUAI_UACINT)at->place.slot,
                 (const void *)found, (LUAI_UACINT)note->free_count);
    if (found == NULL)
      break;
    note->free[note->free_count++] = (uintptr_t)found - (uintptr_t)at->pool;
  }
}

/* In a damaged heap, a block that is free and cached too is shown as free. */
static void write_cached(const struct pool_at *at, struct note *note)
{
  struct walk_cached search = {0};
  const block *kept;
  while (note->free_count + note->cached_count < note->capacity &&
         (kept = walk_next_cached(at->heap, at->pool, &search)) != NULL)
    if (walk_is_block(at->heap, at->pool, kept))
      note->free[note->capacity - ++note->cached_count] =
          (uintptr_t)kept - (uintptr_t)at->pool;
}

static void write_note(lua_State *L, const struct pool_at *at, size_t capacity,
                       struct note *note)
{
  const pym_geometry *geometry = &at->heap->geometry;
  *note = (struct note){
      .first = geometry_header_bytes(geometry),
      .bytes = capacity > 0 ? pym_class_bytes(geometry, at->pool->szidx) : 0,
      .capacity = capacity,
      .nextoffset = loan_header(at->heap, at->pool).nextoffset};
  write_free_chain(L, at, note);
  write_cached(at, note);
}

/* Pushes a copy of the state of the pool at index 1, at index 2. */
static const struct note *push_note(lua_State *L)
{
  struct note *note = NULL;
  size_t room = 0;
  for (;;) {
    struct pool_at at = pool_check(L, 1);
    size_t capacity =
        walk_has_class(at.heap, at.pool)
            ? pym_class_capacity(&at.heap->geometry, at.pool->szidx)
            : 0;
    if (note != NULL && capacity <= room) {
      write_note(L, &at, capacity, note);
      return note;
    }
    lua_settop(L, 1);
    room = capacity;
    note = binding_push_scratch(L, sizeof *note + room * sizeof note->free[0]);
  }
}

/* Pushes a new table, at index 3. The copy must still be at index 2. */
static void push_result(lua_State *L, const struct note *note, size_t count)
{
  lua_createtable(L, count < INT_MAX ? (int)count : 0, 0);
  if (lua_touserdata(L, 2) != note || !lua_istable(L, 3))
    luaL_error(L, "pymalloc: the result is gone");
}

/***
** pool:freelist(): the offsets of the free blocks, in the order of the free
** chain.
** @treturn integer[]
** @usage table.concat(pool:freelist(), " ") --> 64
*/
static int freelist(lua_State *L)
{
  const struct note *note = push_note(L);
  push_result(L, note, note->free_count);
  for (size_t i = 0; i < note->free_count; i++) {
    lua_pushinteger(L, (lua_Integer)note->free[i]);
    lua_rawseti(L, 3, (lua_Integer)i + 1);
  }
  return 1;
}

/* The stack indices of the table and of the names of states. */
enum { RESULT = 3, LIVE, FREE, VIRGIN, CACHED };

/* Stores a state in the result for each of some blocks. */
static void set_blocks(lua_State *L, const struct note *note,
                       const size_t *offsets, size_t count, int state)
{
  for (size_t i = 0; i < count; i++) {
    /* NOLINTNEXTLINE: a pool with a free block has a class, and so bytes */
    size_t number = (offsets[i] - note->first) / note->bytes;
    lua_pushvalue(L, state);
    lua_rawseti(L, RESULT, (lua_Integer)number + 1);
  }
}

/***
** pool:blocks(): the state of each block, by address: "live", "free", "virgin"
** (never carved) or "cached" (kept in the heap's cache: the program does not
** hold it, but the pool counts it as live).
** @treturn string[]
** @usage table.concat(pool:blocks(), " ", 1, 3) --> live free virgin
*/
static int blocks(lua_State *L)
{
  const struct note *note = push_note(L);
  push_result(L, note, note->capacity);
  lua_pushliteral(L, "live");
  lua_pushliteral(L, "free");
  lua_pushliteral(L, "virgin");
  lua_pushliteral(L, "cached");
  if (lua_touserdata(L, 2) != note || !lua_istable(L, RESULT))
    return luaL_error(L, "pymalloc: the result is gone");
  for (size_t i = 0; i < note->capacity; i++) {
    bool is_carved = note->first + i * note->bytes < note->nextoffset;
    lua_pushvalue(L, is_carved ? LIVE : VIRGIN);
    lua_rawseti(L, RESULT, (lua_Integer)i + 1);
  }
  set_blocks(L, note, note->free + note->capacity - note->cached_count,
             note->cached_count, CACHED);
  set_blocks(L, note, note->free, note->free_count, FREE);
  lua_settop(L, RESULT);
  return 1;
}

const luaL_Reg pool_block_methods[] = {
    {"freelist", freelist}, {"blocks", blocks}, {NULL, NULL}};
