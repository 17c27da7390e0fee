/*
** A C function and metamethods that do nothing: the least that an operation on a
** userdata can cost. bench/buffers/main.lua compares buffers with it.
*/
#include <lauxlib.h>

int luaopen_empty(lua_State *L);

static int nothing(lua_State *L)
{
  lua_settop(L, 0);
  return 0;
}

static int zero(lua_State *L)
{
  lua_pushinteger(L, 0);
  return 1;
}

/* A userdata of 64 bytes whose every element is 0. */
static int new_object(lua_State *L)
{
  (void)lua_newuserdatauv(L, 64, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  (void)lua_setmetatable(L, -2);
  return 1;
}

/* A table of userdata of 64 bytes, each with a user value and a finalizer. */
static int new_objects(lua_State *L)
{
  int count = (int)luaL_checkinteger(L, 1);
  lua_createtable(L, count, 0);
  for (int i = 1; i <= count; i++) {
    (void)lua_newuserdatauv(L, 64, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    (void)lua_setmetatable(L, -2);
    lua_pushvalue(L, lua_upvalueindex(1));
    (void)lua_setiuservalue(L, -2, 1);
    lua_rawseti(L, -2, i);
  }
  return 1;
}

int luaopen_empty(lua_State *L)
{
  lua_newtable(L);
  lua_pushcfunction(L, nothing);
  lua_setfield(L, -2, "call");
  lua_newtable(L);
  lua_pushcfunction(L, zero);
  lua_setfield(L, -2, "__index");
  lua_pushcclosure(L, new_object, 1);
  lua_setfield(L, -2, "new");
  lua_newtable(L);
  lua_pushcfunction(L, nothing);
  lua_setfield(L, -2, "__gc");
  lua_pushcclosure(L, new_objects, 1);
  lua_setfield(L, -2, "finalized");
  return 1;
}
