/*
** Terminals, for the command line and pictures.
*/
#ifndef BINDING_TERMINAL_H
#define BINDING_TERMINAL_H

#include <lua.h>

/* Adds the function 'terminal' to the module's table, on top of the stack. */
void binding_set_terminal(lua_State *L);

#endif
