/*
** Methods for the statistics of a heap.
*/
#ifndef BINDING_STATS_H
#define BINDING_STATS_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_stats_methods[]; /* of a heap */

#endif
