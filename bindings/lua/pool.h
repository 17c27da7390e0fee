/*
** pymalloc.Pool: a view of a pool of one arena.
*/
#ifndef BINDING_POOL_H
#define BINDING_POOL_H

#include "type.h"

extern const struct binding_type binding_pool_type;

/* Makes the type and pushes the table of its methods. */
void binding_open_pool_type(lua_State *L);

#endif
