/* Packed traces for scripts: made of text, and as text. */
#ifndef TRACE_PACK_H
#define TRACE_PACK_H

#include <lua.h>

/* Sets the functions packer and texts in the table on the top: core.trace. */
void binding_set_trace_pack(lua_State *L);

#endif
