/*
** Files and folders of the user.
*/
#ifndef BINDING_FILES_H
#define BINDING_FILES_H

#include <lua.h>

/* Adds the table 'files' to the module's table, on top of the stack. */
void binding_set_files(lua_State *L);

#endif
