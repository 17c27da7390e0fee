/*
** The measures of a heap, a simulation or an oracle, as a table for scripts.
**
** Measures are taken in C memory, because functions of the script may run
** meanwhile. Then they are moved into an object, which frees them, and a table is
** made of it.
*/
#ifndef BINDING_MEASURES_H
#define BINDING_MEASURES_H

#include <lua.h>

#include "trace/measures.h"

#define MEASURES_SERIES_MAX 1000000 /* points that a script can ask for */

/* Makes the type of the object. */
void binding_open_measures_type(lua_State *L);

/* Pushes an object that has no measures yet. */
void binding_new_measures(lua_State *L);

/*
** Moves measures into the object at 'index', which a function of the script may
** have replaced: then they are freed, and it is an error.
*/
void binding_keep_measures(lua_State *L, int index, struct measures *measures);

/*
** Pushes a table of the measures of the object at 'index', a positive number; with
** the field 'series', if points were wanted.
*/
void binding_push_measures(lua_State *L, int index);

#endif
