/*
** The analysis of loaded traces for scripts.
*/
#ifndef BINDING_ANALYSIS_H
#define BINDING_ANALYSIS_H

#include <lua.h>

/* Sets the table 'analysis' in the table on the top: the module. */
void binding_set_analysis(lua_State *L);

#endif
