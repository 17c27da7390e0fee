/*
** Functions for Lua: oracles, and counts of sizes.
*/
#ifndef BINDING_ORACLE_H
#define BINDING_ORACLE_H

#include <lua.h>

/* Sets core.oracle and core.size_counts in the table on the top. */
void binding_set_oracle(lua_State *L);

#endif
