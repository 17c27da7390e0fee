/*
** The functions that the files of the module pymalloc_faults share.
*/
#ifndef FAULTS_H
#define FAULTS_H

#include <lauxlib.h>
#include <lua.h>

#include "door.h"
#include "state/loan.h"

/* The functions of pymalloc.core for specs. */
const struct binding_door *faults_door(lua_State *L);

/* The heap that is the first argument. */
pym_heap *faults_check_heap(lua_State *L);

extern const luaL_Reg faults_damage[];
extern const luaL_Reg faults_probes[];
extern const luaL_Reg faults_states[];

/* Makes the type of states. */
void faults_open_states(lua_State *L);

#endif
