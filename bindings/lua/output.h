/*
** The files that an output needs: functions for pymalloc.output.
*/
#ifndef BINDING_OUTPUT_H
#define BINDING_OUTPUT_H

#include <lua.h>

/* Adds the table 'output' to the module's table, on top of the stack. */
void binding_set_output(lua_State *L);

/* Adds the functions of output_target.c to the table on top of the stack. */
void binding_add_output_targets(lua_State *L);

/*
** Copies the folder of a path into PATH_MAX bytes: "." where it names none.
*/
void output_copy_folder(char *folder, const char *path);

#endif
