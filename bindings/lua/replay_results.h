/*
** The results of a replay, copied before it is closed: the tables of Lua are
** made of the copy. The object frees it.
*/
#ifndef REPLAY_RESULTS_H
#define REPLAY_RESULTS_H

#include <lua.h>

#include "trace/replay.h"

/* Pushes an object without results. */
void replay_results_new(lua_State *L);

/*
** Copies the results of a replay into the object at 'index'. false: there is no
** memory, or the script has put another value there.
*/
bool replay_results_keep(lua_State *L, int index, const struct replay *replay);

/* Pushes the summary, a table, from the object at 'index'. */
void replay_results_push(lua_State *L, int index);

/* Makes the type of the object. */
void replay_results_open(lua_State *L);

#endif
