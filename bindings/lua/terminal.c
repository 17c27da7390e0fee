#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

#include "terminal.h"

#include "base/platform.h"

#if PLATFORM_PROCESSES

#include <lauxlib.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The C file of an open file handle of Lua; NULL for any other value. */
static FILE *to_file(lua_State *L, int index)
{
  luaL_Stream *stream = luaL_testudata(L, index, LUA_FILEHANDLE);
  return stream == NULL || stream->closef == NULL ? NULL : stream->f;
}

/***
** terminal(file): the columns and rows that the terminal of an open file handle
** has now, or 0 and 0 if they are not known; nil if the file is not a terminal,
** or the value is not an open file handle. @local
*/
static int terminal(lua_State *L)
{
  FILE *file = to_file(L, 1);
  struct winsize size = {0};
  if (file == NULL || isatty(fileno(file)) != 1) {
    lua_pushnil(L);
    return 1;
  }
  if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0)
    size.ws_col = size.ws_row = 0;
  lua_pushinteger(L, size.ws_col);
  lua_pushinteger(L, size.ws_row);
  return 2;
}

void binding_set_terminal(lua_State *L)
{
  lua_pushcfunction(L, terminal);
  lua_setfield(L, -2, "terminal");
}

#endif
