/*
** Sets fields of the table on the top of the stack.
*/
#ifndef BINDING_TABLE_H
#define BINDING_TABLE_H

#include <lauxlib.h>
#include <lua.h>

#include "base/base.h"

/*
** Pops a value into the element 'number' of the table at 'index'. A finalizer
** may have put another value there while the first one was made: that is an
** error.
*/
static inline void table_append(lua_State *L, int index, lua_Integer number)
{
  if (unlikely(!lua_istable(L, index)))
    luaL_error(L, "pymalloc: the result is gone");
  lua_rawseti(L, index, number);
}

static inline void table_set_integer(lua_State *L, const char *name,
                                     uint64_t value)
{
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

static inline void table_set_number(lua_State *L, const char *name,
                                    double value)
{
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

static inline void table_set_string(lua_State *L, const char *name,
                                    const char *value)
{
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

#endif
