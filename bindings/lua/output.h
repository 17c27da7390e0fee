/*
** The files that an output needs: functions for pymalloc.output.
*/
#ifndef BINDING_OUTPUT_H
#define BINDING_OUTPUT_H

#include <lua.h>

/* Adds the table 'output' to the module's table, on top of the stack. */
void binding_set_output(lua_State *L);

#endif
