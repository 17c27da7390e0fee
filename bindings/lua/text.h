/*
** The state of a heap as text: the dump, the report.
*/
#ifndef BINDING_TEXT_H
#define BINDING_TEXT_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_text_methods[]; /* of a heap */

/* A function of Lua's: the state of a heap as text, all from one moment. */
int binding_state(lua_State *L);

#endif
