/*
** The options of heaps, read from tables.
*/
#ifndef BINDING_OPTIONS_H
#define BINDING_OPTIONS_H

#include <lua.h>

#include "pymalloc.h"

/*
** Reads the options of a new heap from the table at 'index'; nil and none are
** the default ones. '*profile' receives the name of the profile, which lasts.
** Raises an error for anything that is not allowed.
*/
void binding_read_options(lua_State *L, int index, pym_options *options,
                          const char **profile);

/* The same over other defaults, which 'options' and 'profile' hold. */
void binding_read_options_over(lua_State *L, int index, pym_options *options,
                               const char **profile);

/*
** The same for the table at 'table', an absolute index, in which the fields
** named in 'others' (a list that ends with NULL, or NULL) are allowed too and
** not looked at.
*/
void binding_read_table(lua_State *L, int table, const char *const *others,
                        pym_options *options, const char **profile);

/* The profile named by the string at 'index'; anything else is an error. */
const pym_profile *binding_check_profile(lua_State *L, int index);

#endif
