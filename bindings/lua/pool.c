/*
** pymalloc.Pool: the header of a pool, field by field as it is in memory.
** freeblock, nextpool and prevpool are addresses, nil for NULL, and are what
** they are: those of a full pool are stale. next and prev follow them where
** they mean something.
*/
#include <limits.h>

#include "pool.h"
#include "view.h"
#include "state/walk.h"

const struct binding_type binding_pool_type = {
    "pymalloc.Pool", UINT64_C(0x9001c4e2d87b356f), sizeof(struct view)};

/* A pool that is there. */
struct pool_at {
  const pym_heap *heap;
  const struct pool_header *pool;
  struct place place;
};

/* Is the pool of the view at 'index' still there? */
static bool look(lua_State *L, int index, struct pool_at *at)
{
  const struct view *view = binding_check(L, index, &binding_pool_type);
  at->place = view->place;
  at->heap = view_test_heap(L, index);
  if (at->heap == NULL)
    return false;
  const struct arena_object *arena = heap_arena(at->heap, view->place.slot);
  if (arena == NULL || arena->serial != view->place.serial)
    return false;
  at->pool = view_pool_at(at->heap, arena, view->place.offset);
  return at->pool != NULL;
}

static struct pool_at check_pool(lua_State *L, int index)
{
  struct pool_at at;
  if (!look(L, index, &at)) {
    (void)view_heap(L, index);
    luaL_error(L,
               "pymalloc: pool %I of arena %I is gone: its arena was released",
               (LUAI_UACINT)at.place.offset, (LUAI_UACINT)at.place.slot);
  }
  return at;
}

static const char *state_name(const struct pool_header *pool)
{
  static const char *const names[] = {[PYM_POOL_EMPTY] = "empty",
                                      [PYM_POOL_USED] = "used",
                                      [PYM_POOL_FULL] = "full"};
  return names[pool_state(pool)];
}

/*
** {==================================================================
** Fields
** ===================================================================
*/

/***
** pymalloc.Pool: a view of a pool's header. Each access reads the heap's
** memory. The addresses are shown as they are stored, also those that the
** pool's state leaves stale. When the pool's arena has been released, any
** access raises an error.
** @tfield integer ref_count number of live blocks
** @tfield integer freeblock address of the first free block
** @tfield integer nextpool address of the next pool of its ring or list
** @tfield integer prevpool address of the previous pool of its ring
** @tfield integer arenaindex slot of its arena
** @tfield integer szidx size class
** @tfield integer nextoffset offset of the first block that was never carved
** @tfield integer maxnextoffset largest offset at which a block fits
** @tfield string state "used", "full", "empty"
** @tfield integer size bytes of a block; nil for a pool that never had a class
** @tfield integer capacity number of blocks that fit; nil for a pool that
** never had a class
** @tfield integer arena slot of its arena, computed from its address
** @tfield integer offset bytes from its arena's first pool
** @tfield integer address
*/
#define FIELDS(X)  \
  X(ref_count)     \
  X(freeblock)     \
  X(nextpool)      \
  X(prevpool)      \
  X(arenaindex)    \
  X(szidx)         \
  X(nextoffset)    \
  X(maxnextoffset) \
  X(state)         \
  X(size)          \
  X(capacity)      \
  X(arena)         \
  X(offset)        \
  X(address)

enum field {
#define X(name) FIELD_##name,
  FIELDS(X)
#undef X
};

static const char *const field_names[] = {
#define X(name) #name,
    FIELDS(X)
#undef X
        NULL};

/* Pushes the block size or the capacity; nil for a pool without a class. */
static void push_of_class(lua_State *L, const struct pool_at *at,
                          size_t (*of_class)(const pym_geometry *, size_t))
{
  if (walk_has_class(at->heap, at->pool))
    lua_pushinteger(
        L, (lua_Integer)of_class(&at->heap->geometry, at->pool->szidx));
  else
    luaL_pushfail(L);
}

static void push_field(lua_State *L, size_t field)
{
  struct pool_at at = check_pool(L, 1);
  const struct pool_header *pool = at.pool;
  switch ((enum field)field) {
  case FIELD_ref_count:
    lua_pushinteger(L, pool->ref.count);
    break;
  case FIELD_freeblock:
    view_push_address(L, pool->freeblock);
    break;
  case FIELD_nextpool:
    view_push_address(L, pool->nextpool);
    break;
  case FIELD_prevpool:
    view_push_address(L, pool->prevpool);
    break;
  case FIELD_arenaindex:
    lua_pushinteger(L, pool->arenaindex);
    break;
  case FIELD_szidx:
    lua_pushinteger(L, pool->szidx);
    break;
  case FIELD_nextoffset:
    lua_pushinteger(L, pool->nextoffset);
    break;
  case FIELD_maxnextoffset:
    lua_pushinteger(L, pool->maxnextoffset);
    break;
  case FIELD_state:
    lua_pushstring(L, state_name(pool));
    break;
  case FIELD_size:
    push_of_class(L, &at, pym_class_bytes);
    break;
  case FIELD_capacity:
    push_of_class(L, &at, pym_class_capacity);
    break;
  case FIELD_arena:
    lua_pushinteger(L, (lua_Integer)at.place.slot);
    break;
  case FIELD_offset:
    lua_pushinteger(L, (lua_Integer)at.place.offset);
    break;
  case FIELD_address:
    view_push_address(L, pool);
    break;
  }
}

static const struct view_fields fields = {&binding_pool_type, field_names,
                                          push_field};

/* }================================================================== */

/*
** {==================================================================
** Blocks
** ===================================================================
*/

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
  const block *link = at->pool->freeblock;
  for (; link != NULL; link = block_link(link)) {
    if (note->free_count == note->capacity ||
        !walk_is_block(at->heap, at->pool, link))
      luaL_error(L,
                 "pymalloc: the free chain of pool %I of arena %I leads to %p "
                 "after %I blocks",
                 (LUAI_UACINT)at->place.offset, (LUAI_UACINT)at->place.slot,
                 (const void *)link, (LUAI_UACINT)note->free_count);
    note->free[note->free_count++] = (uintptr_t)link - (uintptr_t)at->pool;
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
      .nextoffset = at->pool->nextoffset};
  write_free_chain(L, at, note);
  write_cached(at, note);
}

/* Pushes a copy of the state of the pool at index 1, at index 2. */
static const struct note *push_note(lua_State *L)
{
  struct note *note = NULL;
  size_t room = 0;
  for (;;) {
    struct pool_at at = check_pool(L, 1);
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

/* Pushes a new table, at index 3. Returns the copy, which is still there. */
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

/* }================================================================== */

/*
** {==================================================================
** Neighbours
** ===================================================================
*/

/*
** Pushes the pool to which a link leads. The list ends at the header of its
** ring, which is not a pool and lies outside of the region.
*/
static int push_linked(lua_State *L, const pym_heap *heap,
                       const struct pool_header *link)
{
  if (link == NULL || heap_find_pool(heap, link) != link) {
    luaL_pushfail(L);
    return 1;
  }
  struct place place = view_place(heap, link);
  (void)lua_getiuservalue(L, 1, 1);
  view_push(L, &binding_pool_type, lua_gettop(L), place);
  return 1;
}

/***
** pool:next(): the next pool in the list that holds it: usedpools of its
** class, or freepools of its arena.
** @treturn pymalloc.Pool or nil for the last pool, and for a full pool, which
** is on no list
** @usage pool:next() --> nil
*/
static int next(lua_State *L)
{
  struct pool_at at = check_pool(L, 1);
  bool is_linked = pool_state(at.pool) != PYM_POOL_FULL;
  return push_linked(L, at.heap, is_linked ? at.pool->nextpool : NULL);
}

/***
** pool:prev(): the previous pool in usedpools of its class.
** @treturn pymalloc.Pool or nil for the first pool, and for a pool that is not
** used
** @usage pool:prev() --> nil
*/
static int prev(lua_State *L)
{
  struct pool_at at = check_pool(L, 1);
  bool is_linked = pool_state(at.pool) == PYM_POOL_USED;
  return push_linked(L, at.heap, is_linked ? at.pool->prevpool : NULL);
}

/* }================================================================== */

static int tostring(lua_State *L)
{
  struct pool_at at;
  bool is_there = look(L, 1, &at);
  LUAI_UACINT slot = (LUAI_UACINT)at.place.slot;
  LUAI_UACINT offset = (LUAI_UACINT)at.place.offset;
  if (!is_there) {
    lua_pushfstring(L, "pymalloc.Pool %I:%I gone", slot, offset);
    return 1;
  }
  pym_pool_info info =
      walk_pool_info(at.heap, &at.heap->arenas[at.place.slot], at.pool);
  lua_pushfstring(L, "pymalloc.Pool %I:%I %s, %I of %I blocks of %I bytes live",
                  slot, offset, state_name(at.pool), (LUAI_UACINT)info.live,
                  (LUAI_UACINT)info.capacity, (LUAI_UACINT)info.block_bytes);
  return 1;
}

static int meta_index(lua_State *L)
{
  return view_index(L, &fields);
}

static int next_field(lua_State *L)
{
  return view_next_field(L, &fields);
}

static int meta_pairs(lua_State *L)
{
  return view_pairs(L, &binding_pool_type, next_field);
}

static int is_equal(lua_State *L)
{
  return view_is_equal(L, &binding_pool_type);
}

static const luaL_Reg functions[] = {{"__index", meta_index},
                                     {"__pairs", meta_pairs},
                                     {"__eq", is_equal},
                                     {"__tostring", tostring},
                                     {NULL, NULL}};

static const luaL_Reg methods[] = {{"freelist", freelist},
                                   {"blocks", blocks},
                                   {"next", next},
                                   {"prev", prev},
                                   {NULL, NULL}};

void binding_open_pool_type(lua_State *L)
{
  binding_new_type(L, &binding_pool_type, functions);
  luaL_setfuncs(L, methods, 0);
}
