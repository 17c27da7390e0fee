/*
** A C module: a ring of numbers. ring_spec.lua tests its use of memory.
*/
#include <lauxlib.h>
#include <lua.h>

struct ring {
  lua_Integer next, capacity;
  lua_Number items[1];
};

static int ring_push(lua_State *L)
{
  struct ring *ring = luaL_checkudata(L, 1, "ring");
  ring->items[ring->next++ % ring->capacity] = luaL_checknumber(L, 2);
  return 0;
}

static int ring_new(lua_State *L)
{
  lua_Integer capacity = luaL_checkinteger(L, 1);
  luaL_argcheck(L, capacity > 0 && capacity < 1000000, 1, "bad capacity");
  struct ring *ring = lua_newuserdatauv(
      L, sizeof *ring + (size_t)capacity * sizeof ring->items[0], 0);
  ring->next = 0;
  ring->capacity = capacity;
  luaL_setmetatable(L, "ring");
  return 1;
}

LUAMOD_API int luaopen_ring(lua_State *L);

int luaopen_ring(lua_State *L)
{
  static const luaL_Reg methods[] = {{"push", ring_push}, {NULL, NULL}};
  luaL_newmetatable(L, "ring");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, ring_new);
  return 1;
}
