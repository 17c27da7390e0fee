/*
** The space that a trace takes over time, for plots.
*/
#ifndef BINDING_SPACE_H
#define BINDING_SPACE_H

#include <lua.h>

/*
** Sets the function space in the table on the top, core.trace, and makes the
** type of the object that it uses.
*/
void binding_set_space(lua_State *L);

#endif
