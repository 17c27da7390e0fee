/*
** Converts the logs that recorders write to traces.
*/
#ifndef BINDING_LOG_H
#define BINDING_LOG_H

#include <lauxlib.h>
#include <lua.h>

/* Sets its functions in the table on the top: core.trace. */
void binding_set_log(lua_State *L);

#endif
