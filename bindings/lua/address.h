/*
** Addresses in a heap, and the places where they lie.
*/
#ifndef BINDING_ADDRESS_H
#define BINDING_ADDRESS_H

#include <lauxlib.h>
#include <lua.h>

#include "pymalloc.h"

/* Pushes {arena=, pool=, offset=}. */
void binding_push_location(lua_State *L, pym_location location);

extern const luaL_Reg binding_address_methods[]; /* of a heap */

#endif
