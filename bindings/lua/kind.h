/*
** Functions for Lua: the kind and the owner of a value.
*/
#ifndef BINDING_KIND_H
#define BINDING_KIND_H

#include <lua.h>

/* Sets core.kind and core.owner in the table on the top. */
void binding_set_kind(lua_State *L);

#endif
