/*
** Calling a function of Lua with limits on its steps, memory and time.
*/
#ifndef BINDING_LIMITED_H
#define BINDING_LIMITED_H

#include <lua.h>

#include "base/base.h"

/* Does a limited call run, whose allocator must stay the state's? */
bool binding_is_limited(lua_State *L);

/* Sets core.limited in the table on the top. */
void binding_set_limited(lua_State *L);

#endif
