/*
** pymalloc.Pool: a view of a pool of one arena.
*/
#ifndef BINDING_POOL_H
#define BINDING_POOL_H

#include "view.h"

extern const struct binding_type binding_pool_type;

/* A pool that is there. */
struct pool_at {
  const pym_heap *heap;
  const struct pool_header *pool;
  struct place place;
};

/* The pool of the view at 'index'. If it is not there, raises an error. */
struct pool_at pool_check(lua_State *L, int index);

/* The methods of a pool that are in pool_blocks.c. */
extern const luaL_Reg pool_block_methods[];

/* Makes the type and pushes the table of its methods. */
void binding_open_pool_type(lua_State *L);

#endif
