/*
** The reader of traces for scripts.
*/
#ifndef TRACE_READER_H
#define TRACE_READER_H

#include <lauxlib.h>

/* Sets the functions trace.open_each and trace.scan in the table on top. */
void binding_set_trace_reader(lua_State *L);

#endif
