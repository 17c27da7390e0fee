#include "named_table.h"

static const char *const names[] = {
#define X(kind, name) name,
    NAMED_TABLES(X)
#undef X
};

/* The address of an element is the registry's key of a metatable. */
static const char keys[NAMED_COUNT];

/* Pushes the metatable, or whatever a script has put in its place. */
static int push_metatable(lua_State *L, enum named_table kind)
{
  return lua_rawgetp(L, LUA_REGISTRYINDEX, &keys[kind]);
}

void named_table_mark(lua_State *L, enum named_table kind)
{
  if (push_metatable(L, kind) == LUA_TTABLE && lua_istable(L, -2))
    (void)lua_setmetatable(L, -2);
  else
    lua_pop(L, 1);
}

void named_table_push_tostring(lua_State *L, enum named_table kind)
{
  lua_pushliteral(L, "__tostring");
  if (push_metatable(L, kind) == LUA_TTABLE) {
    lua_insert(L, -2);
    (void)lua_rawget(L, -2);
    lua_remove(L, -2);
  } else {
    lua_pop(L, 2);
    lua_pushnil(L);
  }
}

/* A module that is loaded again keeps the metatables of the first time. */
static void make_metatable(lua_State *L, enum named_table kind)
{
  if (push_metatable(L, kind) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushfstring(L, "pymalloc.%s", names[kind]);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__name");
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &keys[kind]);
}

void named_table_open(lua_State *L)
{
  lua_newtable(L);
  for (int kind = 0; kind < NAMED_COUNT; kind++) {
    make_metatable(L, (enum named_table)kind);
    lua_setfield(L, -2, names[kind]);
  }
}
