/*
** Methods for the lists of a heap: usedpools, usable_arenas,
** unused_arena_objects.
*/
#ifndef BINDING_LIST_H
#define BINDING_LIST_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_list_methods[]; /* of a heap */

#endif
