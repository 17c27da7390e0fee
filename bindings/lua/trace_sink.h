/*
** The sink of importers: takes requests with addresses, and plain lines of a
** log, and makes the text of a trace of them.
*/
#ifndef BINDING_TRACE_SINK_H
#define BINDING_TRACE_SINK_H

#include <lua.h>

/* Sets the function sink in the table on the top: core.trace. */
void binding_set_trace_sink(lua_State *L);

#endif
