/*
** pymalloc.host: the Lua state itself on a heap.
*/
#ifndef BINDING_HOST_H
#define BINDING_HOST_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_host_functions[];

#endif
