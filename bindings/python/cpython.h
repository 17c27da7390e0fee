/*
** What the files of the Lua module pymalloc.cpython share.
*/
#ifndef CPYTHON_H
#define CPYTHON_H

#include <lauxlib.h>
#include <lua.h>

#include "base/idmap.h"
#include "real.h"

#define CPYTHON_HEAP "pymalloc.cpython.Heap"
#define CPYTHON_ARENA "pymalloc.cpython.Arena"
#define CPYTHON_POOL "pymalloc.cpython.Pool"

/* The real allocator and the blocks that Lua holds of it. */
struct cpython {
  struct real real;
  struct idmap blocks; /* by address */
};

/* A place that is looked up anew at each access. */
struct cpython_view {
  size_t slot, offset;
  uintptr_t arena; /* its address, lest another one is taken for it */
};

/* The one heap; an error before it was opened. */
struct cpython *cpython_check(lua_State *L, int index);

/* Its arenas. */
const struct arenas *cpython_arenas(void);

/* Methods of the heap that look at its state. */
extern const luaL_Reg cpython_view_methods[];

/* Makes the metatables of views. */
void cpython_open_views(lua_State *L);

#endif
