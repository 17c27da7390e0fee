/*
** Signals and commands, for the command line.
*/
#ifndef BINDING_PROCESS_H
#define BINDING_PROCESS_H

#include <lua.h>

/* Adds the table 'process' to the module's table, on top of the stack. */
void binding_set_process(lua_State *L);

#endif
