/*
** The calls of Lua's C API that differ between Lua 5.4 and 5.5.
*/
#ifndef BINDING_VERSIONS_H
#define BINDING_VERSIONS_H

#include <lauxlib.h>
#include <limits.h>

/* A new state. Lua 5.5 takes the seed of its hashes; 5.4 makes one itself. */
static inline lua_State *new_lua_state(lua_Alloc allocate, void *context)
{
#if LUA_VERSION_NUM >= 505
  return lua_newstate(allocate, context, luaL_makeseed(NULL));
#else
  return lua_newstate(allocate, context);
#endif
}

/*
** Makes the collector do the work that is due after so many bytes of memory
** that it does not count were allocated. A collector that is stopped stays
** stopped. Lua 5.4 takes the bytes in KiB as an int, 5.5 as a size_t; below 1
** KiB nothing is done, as 0 is a whole step.
*/
static inline void collect_for_bytes(lua_State *L, size_t bytes)
{
  if (bytes < 1024 || lua_gc(L, LUA_GCISRUNNING) == 0)
    return;
#if LUA_VERSION_NUM >= 505
  (void)lua_gc(L, LUA_GCSTEP, bytes);
#else
  size_t kib = bytes / 1024;
  (void)lua_gc(L, LUA_GCSTEP, kib < INT_MAX ? (int)kib : INT_MAX);
#endif
}

#endif
