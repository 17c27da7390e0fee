/*
** pymalloc.trace.record: the requests of this Lua state as a trace.
*/
#ifndef BINDING_RECORDING_H
#define BINDING_RECORDING_H

#include <stdbool.h>

#include <lauxlib.h>
#include <lua.h>

/* Is a recording of this state on? */
bool binding_is_recording(lua_State *L);

/* Sets its functions in the table on the top: core.trace. */
void binding_set_recording(lua_State *L);

#endif
