/*
** Replays of traces on the allocators of other processes: functions for
** pymalloc.real.
*/
#ifndef BINDING_REAL_H
#define BINDING_REAL_H

#include <lua.h>

/* Adds the table 'real' to the module's table, on top of the stack. */
void binding_set_real(lua_State *L);

#endif
