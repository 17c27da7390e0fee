/*
** Views of CPython's arenas and pools, whose fields are read from memory at
** each access. They have the same names as in the views of a pymalloc.heap.
*/
#include "cpython.h"

#include <string.h>

/*
** {==================================================================
** Live arenas and carved pools
** ===================================================================
*/

static void push_view(lua_State *L, const char *type,
                      const struct cpython_view *view)
{
  struct cpython_view *made = lua_newuserdatauv(L, sizeof *made, 0);
  *made = *view;
  luaL_setmetatable(L, type);
}

/* The view at 'index'. It is an error if its arena was released. */
static const struct cpython_view *check_view(lua_State *L, int index,
                                             const char *type)
{
  const struct cpython_view *view = luaL_checkudata(L, index, type);
  if (arenas_find(cpython_arenas(), view->slot) != view->arena)
    luaL_error(L, "pymalloc.cpython: arena %I is gone: it was released",
               (LUAI_UACINT)view->slot);
  return view;
}

static const struct pool_header *pool_of(const struct cpython_view *view)
{
  return arenas_pool(cpython_arenas(), view->arena,
                     view->offset / REAL_POOL_BYTES);
}

static const struct pool_header *check_pool(lua_State *L)
{
  return pool_of(check_view(L, 1, CPYTHON_POOL));
}

static size_t size_of(const struct pool_header *pool)
{
  return REAL_ALIGNMENT * (pool->szidx + (size_t)1);
}

/* }================================================================== */

/*
** {==================================================================
** Pools
** ===================================================================
*/

static void push_address(lua_State *L, const void *address)
{
  if (address == NULL)
    luaL_pushfail(L);
  else
    lua_pushinteger(L, (lua_Integer)(uintptr_t)address);
}

/* Pushes a field of a header by its name. false: there is no such field. */
static bool push_header_field(lua_State *L, const struct pool_header *pool,
                              const char *name)
{
  if (strcmp(name, "ref_count") == 0)
    lua_pushinteger(L, pool->ref.count);
  else if (strcmp(name, "freeblock") == 0)
    push_address(L, pool->freeblock);
  else if (strcmp(name, "nextpool") == 0)
    push_address(L, pool->nextpool);
  else if (strcmp(name, "prevpool") == 0)
    push_address(L, pool->prevpool);
  else if (strcmp(name, "arenaindex") == 0)
    lua_pushinteger(L, pool->arenaindex);
  else if (strcmp(name, "szidx") == 0)
    lua_pushinteger(L, pool->szidx);
  else if (strcmp(name, "nextoffset") == 0)
    lua_pushinteger(L, pool->nextoffset);
  else if (strcmp(name, "maxnextoffset") == 0)
    lua_pushinteger(L, pool->maxnextoffset);
  else
    return false;
  return true;
}

static bool push_other_field(lua_State *L, const struct pool_header *pool,
                             const char *name)
{
  static const char *const states[] = {[PYM_POOL_EMPTY] = "empty",
                                       [PYM_POOL_USED] = "used",
                                       [PYM_POOL_FULL] = "full"};
  size_t bytes = size_of(pool);
  if (strcmp(name, "state") == 0)
    lua_pushstring(L, states[pool_state(pool)]);
  else if (strcmp(name, "size") == 0)
    lua_pushinteger(L, (lua_Integer)bytes);
  else if (strcmp(name, "capacity") == 0)
    lua_pushinteger(
        L, (lua_Integer)((REAL_POOL_BYTES - POOL_HEADER_BYTES) / bytes));
  else if (strcmp(name, "address") == 0)
    push_address(L, pool);
  else
    return false;
  return true;
}

static int pool_index(lua_State *L)
{
  const struct cpython_view *view = check_view(L, 1, CPYTHON_POOL);
  const struct pool_header *pool = pool_of(view);
  const char *name = luaL_checkstring(L, 2);
  if (push_header_field(L, pool, name) || push_other_field(L, pool, name))
    return 1;
  if (strcmp(name, "arena") == 0)
    lua_pushinteger(L, (lua_Integer)view->slot);
  else if (strcmp(name, "offset") == 0)
    lua_pushinteger(L, (lua_Integer)view->offset);
  else
    lua_getfield(L, lua_upvalueindex(1), name);
  return 1;
}

/* pool:freelist(): the offsets of the free blocks, in the chain's order. */
static int pool_freelist(lua_State *L)
{
  const struct pool_header *pool = check_pool(L);
  const block *link = pool->freeblock;
  lua_newtable(L);
  for (lua_Integer i = 1; link != NULL; i++, link = block_link(link)) {
    size_t offset = (uintptr_t)link - (uintptr_t)pool;
    if (offset >= pool->nextoffset)
      return luaL_error(L, "pymalloc.cpython: the free chain leads to %p",
                        (const void *)link);
    lua_pushinteger(L, (lua_Integer)offset);
    lua_rawseti(L, -2, i);
  }
  return 1;
}

static int pool_tostring(lua_State *L)
{
  const struct cpython_view *view = check_view(L, 1, CPYTHON_POOL);
  const struct pool_header *pool = pool_of(view);
  lua_pushfstring(L, CPYTHON_POOL " %I:%I, %I blocks of %I bytes live",
                  (LUAI_UACINT)view->slot, (LUAI_UACINT)view->offset,
                  (LUAI_UACINT)pool->ref.count, (LUAI_UACINT)size_of(pool));
  return 1;
}

/* }================================================================== */

/*
** {==================================================================
** Arenas
** ===================================================================
*/

/* Pushes the view of an arena's pool, or nil if it is not carved. */
static int push_pool(lua_State *L, const struct cpython_view *arena,
                     size_t offset)
{
  struct cpython_view view = {arena->slot, offset, arena->arena};
  if (offset % REAL_POOL_BYTES != 0 || pool_of(&view) == NULL)
    lua_pushnil(L);
  else
    push_view(L, CPYTHON_POOL, &view);
  return 1;
}

/* arena:pool(offset): the carved pool there, or nil. */
static int arena_pool(lua_State *L)
{
  const struct cpython_view *arena = check_view(L, 1, CPYTHON_ARENA);
  return push_pool(L, arena, (size_t)luaL_checkinteger(L, 2));
}

static int next_pool(lua_State *L)
{
  const struct cpython_view *arena = check_view(L, 1, CPYTHON_ARENA);
  if (lua_isnoneornil(L, 2))
    return push_pool(L, arena, 0);
  const struct cpython_view *last = check_view(L, 2, CPYTHON_POOL);
  return push_pool(L, arena, last->offset + REAL_POOL_BYTES);
}

/* for pool in arena:pools() do: the carved ones, by address */
static int arena_pools(lua_State *L)
{
  (void)check_view(L, 1, CPYTHON_ARENA);
  lua_pushcfunction(L, next_pool);
  lua_pushvalue(L, 1);
  return 2;
}

static int arena_index(lua_State *L)
{
  const struct cpython_view *view = check_view(L, 1, CPYTHON_ARENA);
  const char *name = luaL_checkstring(L, 2);
  if (strcmp(name, "index") == 0)
    lua_pushinteger(L, (lua_Integer)view->slot);
  else if (strcmp(name, "address") == 0)
    lua_pushinteger(L, (lua_Integer)view->arena);
  else
    lua_getfield(L, lua_upvalueindex(1), name);
  return 1;
}

static int arena_tostring(lua_State *L)
{
  const struct cpython_view *view = check_view(L, 1, CPYTHON_ARENA);
  lua_pushfstring(L, CPYTHON_ARENA " %I", (LUAI_UACINT)view->slot);
  return 1;
}

/* }================================================================== */

/*
** {==================================================================
** Methods of the heap
** ===================================================================
*/

static void push_arena(lua_State *L, size_t slot, uintptr_t address)
{
  struct cpython_view view = {.slot = slot, .arena = address};
  push_view(L, CPYTHON_ARENA, &view);
}

/* heap:arena(slot): the live arena of that slot, or nil. */
static int heap_arena_method(lua_State *L)
{
  const struct arenas *arenas = &cpython_check(L, 1)->real.arenas;
  size_t slot = (size_t)luaL_checkinteger(L, 2);
  uintptr_t address = arenas_find(arenas, slot);
  if (address == 0)
    lua_pushnil(L);
  else
    push_arena(L, slot, address);
  return 1;
}

/* The live arena with the smallest slot that is not below upvalue 1. */
static int next_arena(lua_State *L)
{
  const struct arenas *arenas = &cpython_check(L, 1)->real.arenas;
  size_t first = (size_t)lua_tointeger(L, lua_upvalueindex(1));
  size_t found = SIZE_MAX;
  for (size_t i = 0; i < arenas->count; i++) {
    size_t slot = arenas_slot(arenas, i);
    if (slot >= first && slot < found)
      found = slot;
  }
  if (found == SIZE_MAX) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, (lua_Integer)found + 1);
  lua_replace(L, lua_upvalueindex(1));
  push_arena(L, found, arenas_find(arenas, found));
  return 1;
}

/* for arena in heap:arenas() do: the live ones, by slot */
static int heap_arenas(lua_State *L)
{
  (void)cpython_check(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_arena, 1);
  lua_pushvalue(L, 1);
  return 2;
}

/* Finds where in a carved pool an address lies. */
static bool locate(lua_State *L, pym_location *place)
{
  const struct arenas *arenas = &cpython_check(L, 1)->real.arenas;
  const void *address = (const void *)(uintptr_t)luaL_checkinteger(L, 2);
  return arenas_locate(arenas, address, place) &&
         arenas_pool(arenas, arenas_find(arenas, place->arena),
                     place->pool / REAL_POOL_BYTES) != NULL;
}

/* heap:locate(address): {arena=, pool=, offset=}, or nil. */
static int heap_locate(lua_State *L)
{
  pym_location place;
  if (!locate(L, &place)) {
    lua_pushnil(L);
    return 1;
  }
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, (lua_Integer)place.arena);
  lua_setfield(L, -2, "arena");
  lua_pushinteger(L, (lua_Integer)place.pool);
  lua_setfield(L, -2, "pool");
  lua_pushinteger(L, (lua_Integer)place.offset);
  lua_setfield(L, -2, "offset");
  return 1;
}

/* heap:pool(address): the pool in which an address lies, or nil. */
static int heap_pool(lua_State *L)
{
  pym_location place;
  if (!locate(L, &place)) {
    lua_pushnil(L);
    return 1;
  }
  struct cpython_view view = {
      place.arena, place.pool,
      arenas_find(&cpython_check(L, 1)->real.arenas, place.arena)};
  push_view(L, CPYTHON_POOL, &view);
  return 1;
}

/* }================================================================== */

const luaL_Reg cpython_view_methods[] = {{"arena", heap_arena_method},
                                         {"arenas", heap_arenas},
                                         {"locate", heap_locate},
                                         {"pool", heap_pool},
                                         {NULL, NULL}};

static const luaL_Reg pool_methods[] = {{"freelist", pool_freelist},
                                        {NULL, NULL}};

static const luaL_Reg arena_methods[] = {
    {"pool", arena_pool}, {"pools", arena_pools}, {NULL, NULL}};

static void new_type(lua_State *L, const char *name, lua_CFunction index,
                     lua_CFunction tostring, const luaL_Reg *methods)
{
  (void)luaL_newmetatable(L, name);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_pushcclosure(L, index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void cpython_open_views(lua_State *L)
{
  new_type(L, CPYTHON_ARENA, arena_index, arena_tostring, arena_methods);
  new_type(L, CPYTHON_POOL, pool_index, pool_tostring, pool_methods);
}
