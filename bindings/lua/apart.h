/*
** A function that is called in a child of this process.
*/
#ifndef BINDING_APART_H
#define BINDING_APART_H

#include <lua.h>

/* process.apart; only on platforms with processes. */
int binding_apart(lua_State *L);

#endif
