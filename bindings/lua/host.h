/*
** pymalloc.host: makes the Lua state itself allocate from a heap.
*/
#ifndef BINDING_HOST_H
#define BINDING_HOST_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_host_functions[];

#endif
