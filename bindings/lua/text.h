/*
** Methods that return the state of a heap as text: the dump and the report.
*/
#ifndef BINDING_TEXT_H
#define BINDING_TEXT_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg binding_text_methods[]; /* of a heap */

/* A lua_CFunction: returns the state of a heap as text, from one moment. */
int binding_state(lua_State *L);

#endif
