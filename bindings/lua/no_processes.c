/*
** The functions of process.h, real.h and terminal.h on a platform without
** processes and signals. What needs a process fails with a sentence; no signal
** can come, so that a handler or a note for one has no effect; no file is a
** terminal.
*/
#include "base/platform.h"

#include "process.h"
#include "real.h"
#include "terminal.h"

#if !PLATFORM_PROCESSES

#include <errno.h>
#include <lauxlib.h>
#include <stdlib.h>

#define SIGNAL_BASE 128

static int do_nothing(lua_State *L)
{
  (void)L;
  return 0;
}

static int refuse(lua_State *L)
{
  lua_pushnil(L);
  lua_pushliteral(L, "programs cannot be started on this platform");
  return 2;
}

static int end_process(lua_State *L)
{
  exit(SIGNAL_BASE + (int)luaL_checkinteger(L, 1));
}

void binding_set_process(lua_State *L)
{
  static const luaL_Reg functions[] = {{"catch_signals", do_nothing},
                                       {"note", do_nothing},
                                       {"end_by", end_process},
                                       {"execute", refuse},
                                       {"apart", refuse},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushinteger(L, EPIPE);
  lua_setfield(L, -2, "BROKEN_PIPE");
  lua_setfield(L, -2, "process");
}

void binding_set_real(lua_State *L)
{
  static const luaL_Reg functions[] = {{"run", refuse}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushinteger(L, 0);
  lua_setfield(L, -2, "PLAN_FILE");
  lua_setfield(L, -2, "real");
}

static int no_terminal(lua_State *L)
{
  lua_pushnil(L);
  return 1;
}

void binding_set_terminal(lua_State *L)
{
  lua_pushcfunction(L, no_terminal);
  lua_setfield(L, -2, "terminal");
}

#endif
