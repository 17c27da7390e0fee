/*
** Declarations that the files of the Lua module pymalloc.cpython share.
*/
#ifndef CPYTHON_H
#define CPYTHON_H

#include <lauxlib.h>
#include <lua.h>

#include "base/idmap.h"
#include "real.h"

/* Of CPython 3.11 and later. */
#define REAL_ARENA_BYTES ((size_t)1 << 20)
#define REAL_POOL_BYTES ((size_t)16 << 10)
#define REAL_ALIGNMENT 16u

#define CPYTHON_HEAP "pymalloc.cpython.Heap"
#define CPYTHON_ARENA "pymalloc.cpython.Arena"
#define CPYTHON_POOL "pymalloc.cpython.Pool"

/* The real allocator, and the blocks of it that Lua has. */
struct cpython {
  struct real real;
  struct idmap blocks; /* by address */
};

/* The place of an arena or a pool, which is looked up at each access. */
struct cpython_view {
  size_t slot, offset;
  uintptr_t arena; /* its address: a later arena in the slot has another one */
};

/* The allocator. It is an error if it was not opened before. */
struct cpython *cpython_check(lua_State *L, int index);

/* Its arenas. */
const struct arenas *cpython_arenas(void);

/* The methods of the allocator that read its state. */
extern const luaL_Reg cpython_view_methods[];

/* Makes the metatables of views. */
void cpython_open_views(lua_State *L);

#endif
