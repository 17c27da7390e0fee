/*
** Geometries, profiles and size classes as tables.
*/
#ifndef BINDING_GEOMETRY_TABLE_H
#define BINDING_GEOMETRY_TABLE_H

#include <lauxlib.h>
#include <lua.h>

#include "pymalloc.h"

/* Pushes a table with the fields of a geometry, which cannot be written to. */
void binding_push_geometry(lua_State *L, const char *profile,
                           const pym_geometry *geometry);

extern const luaL_Reg binding_geometry_functions[];

#endif
