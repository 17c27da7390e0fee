/*
** The simulator for scripts.
*/
#ifndef BINDING_LAB_H
#define BINDING_LAB_H

#include <lua.h>

/* Pushes the table core.lab. */
int binding_open_lab(lua_State *L);

#endif
