/*
** pymalloc.Arena: a view of a slot of the arenas vector.
*/
#ifndef BINDING_ARENA_H
#define BINDING_ARENA_H

#include "type.h"

extern const struct binding_type binding_arena_type;
extern const luaL_Reg binding_arena_methods[]; /* of a heap */

/* Makes the type and pushes the table of its methods. */
void binding_open_arena_type(lua_State *L);

#endif
