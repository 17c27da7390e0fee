/*
** Reads a design of the simulator from a table, whose fields
** pymalloc/lab/design.lua has set.
*/
#ifndef LAB_DESIGN_H
#define LAB_DESIGN_H

#include <lua.h>

#include "lab/design.h"

/* Reads the table at 'index'. A table that has no design is an error. */
void lab_read_design(lua_State *L, int index, struct design *design);

/*
** Pushes a table of all policies: { next_pool = { { name, sentence }, ... } }
*/
int lab_push_policies(lua_State *L);

#endif
