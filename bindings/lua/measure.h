/*
** The measures of a heap on a loaded trace, as tables.
*/
#ifndef BINDING_MEASURE_H
#define BINDING_MEASURE_H

#include <lua.h>

/*
** Sets the functions measure and measure_cost in the table on the top of the
** stack, core.trace. Makes the type of the object that they use.
*/
void binding_set_measure(lua_State *L);

#endif
