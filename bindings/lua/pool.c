/*
** pymalloc.Pool: the header of a pool, field by field as it is in memory.
** freeblock, nextpool and prevpool are addresses, nil for NULL, as they are
** stored: those of a full pool are stale. The methods next and prev follow them
** only in the states of a pool that keep them up to date.
*/
#include "pool.h"
#include "view.h"
#include "state/walk.h"

const struct binding_type binding_pool_type = {
    "pymalloc.Pool", UINT64_C(0x9001c4e2d87b356f), sizeof(struct view)};

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

struct pool_at pool_check(lua_State *L, int index)
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

static const char *state_name(const struct pool_at *at)
{
  static const char *const names[] = {[PYM_POOL_EMPTY] = "empty",
                                      [PYM_POOL_USED] = "used",
                                      [PYM_POOL_FULL] = "full"};
  return names[loan_pool_state(at->heap, at->pool)];
}

/*
** {==================================================================
** Fields
** ===================================================================
*/

/***
** pymalloc.Pool: a view of a pool's header. Each access reads the heap's
** memory. The addresses are shown as they are stored, also those that the
** pool's state leaves stale. A pool that the heap's cache has borrowed is on no
** list, and its freeblock is nil; ref_count, nextoffset and state are then those
** that the cache knows. When the pool's arena has been released, any access
** raises an error.
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
** @tfield integer address address of the pool, where its header is
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
  struct pool_at at = pool_check(L, 1);
  const struct pool_header seen = loan_header(at.heap, at.pool), *pool = &seen;
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
    lua_pushstring(L, state_name(&at));
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
    view_push_address(L, at.pool);
    break;
  }
}

static const struct view_fields fields = {&binding_pool_type, field_names,
                                          push_field};

/* }================================================================== */

/*
** {==================================================================
** Neighbours
** ===================================================================
*/

/* Pushes a view of a pool; nil for NULL. */
static int push_linked(lua_State *L, const pym_heap *heap,
                       const struct pool_header *link)
{
  if (link == NULL) {
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
  struct pool_at at = pool_check(L, 1);
  return push_linked(L, at.heap, walk_next_in_list(at.heap, at.pool));
}

/***
** pool:prev(): the previous pool in usedpools of its class.
** @treturn pymalloc.Pool or nil for the first pool, and for a pool that is not
** used
** @usage pool:prev() --> nil
*/
static int prev(lua_State *L)
{
  struct pool_at at = pool_check(L, 1);
  return push_linked(L, at.heap, walk_prev_in_list(at.heap, at.pool));
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
                  slot, offset, state_name(&at), (LUAI_UACINT)info.live,
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

static const luaL_Reg methods[] = {
    {"next", next}, {"prev", prev}, {NULL, NULL}};

void binding_open_pool_type(lua_State *L)
{
  binding_new_type(L, &binding_pool_type, functions);
  luaL_setfuncs(L, methods, 0);
  luaL_setfuncs(L, pool_block_methods, 0);
}
