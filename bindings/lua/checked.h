/*
** heap:poke and heap:describe.
*/
#ifndef BINDING_CHECKED_H
#define BINDING_CHECKED_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_checked_methods[]; /* of a heap */

#endif
