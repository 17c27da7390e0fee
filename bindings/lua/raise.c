/*
** The module's luaL_error for Lua 5.5, where cmake/LuaModule.cmake defines the
** name as a macro: Lua's header then declares this function, and all files of
** the module call it. The luaL_error of Lua 5.5.1 ignores that there is no
** memory for its message, and raises another value that is on the stack.
*/
#include <lauxlib.h>

#ifdef luaL_error

int luaL_error(lua_State *L, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  luaL_where(L, 1);
  const char *message = lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  if (message != NULL)
    lua_concat(L, 2);
  else
    lua_pushliteral(L, "not enough memory"); /* Lua has it: none is needed */
  return lua_error(L);
}

#endif
