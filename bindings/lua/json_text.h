/*
** Tables as JSON.
*/
#ifndef BINDING_JSON_TEXT_H
#define BINDING_JSON_TEXT_H

#include <lua.h>

/* Sets core.json in the table on the top. */
void binding_set_json(lua_State *L);

#endif
