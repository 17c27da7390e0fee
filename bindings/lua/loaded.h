/*
** pymalloc.LoadedTrace: the requests of one interpreter of a trace in memory,
** as a userdata, so that many simulations and measurements read a trace once.
**
** A function that calls functions of the script while it uses the requests
** takes a reference first: the script may close the object.
*/
#ifndef LOADED_H
#define LOADED_H

#include <lua.h>

#include "trace/loaded_trace.h"

/* The requests of the open LoadedTrace at 'index'. Other values are errors. */
const struct loaded_trace *binding_check_loaded(lua_State *L, int index);

/* The same, with a reference that binding_end_loaded ends. */
const struct loaded_trace *binding_take_loaded(lua_State *L, int index);
void binding_end_loaded(const struct loaded_trace *loaded);

/* Sets the function load_requests in the table on the top: core.trace. */
void binding_set_loaded(lua_State *L);

/* Makes the type and pushes the table of its methods. */
void binding_open_loaded_type(lua_State *L);

#endif
