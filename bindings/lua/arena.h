/*
** pymalloc.Arena: a view of a slot of the arenas vector.
*/
#ifndef BINDING_ARENA_H
#define BINDING_ARENA_H

#include "view.h"

extern const struct binding_type binding_arena_type;

/*
** The slot of the view at 'index', with or without an arena, and its heap. A
** closed heap is an error.
*/
const struct arena_object *arena_check(lua_State *L, int index,
                                       pym_heap **heap);

/* The methods that are in arena_walk.c. */
extern const luaL_Reg arena_pool_methods[];    /* of an arena */
extern const luaL_Reg binding_arena_methods[]; /* of a heap */

/* Makes the type and pushes the table of its methods. */
void binding_open_arena_type(lua_State *L);

#endif
