/*
** Functions that the files of pymalloc.Run share. run.c makes and moves runs,
** run_search.c finds requests by their events, run_look.c reads the state,
** run_where.c finds the sites of blocks. For the page, run_lists.c reads the
** lists of the whole heap, run_map.c all pools, run_fields.c one record;
** run_bytes.c counts bytes, and run_change.c adds requests.
*/
#ifndef RUN_TYPE_H
#define RUN_TYPE_H

#include "timeline/timeline.h"
#include "type.h"

extern const struct binding_type binding_run_type;

/* The open run that is argument 1. Any other value is an error. */
struct timeline *binding_check_run(lua_State *L);

/* The time of the run at 'index', which messages call 'what'. */
uint64_t binding_check_time(lua_State *L, const struct timeline *run, int index,
                            const char *what);

/* Pushes nil, a message and its kind. Returns 3. */
int binding_fail(lua_State *L, const char *message, const char *kind);

/* Each sets functions in the table on the top: core.run. */
void binding_set_run_search(lua_State *L);
void binding_set_run_look(lua_State *L);
void binding_set_run_where(lua_State *L);
void binding_set_run_bytes(lua_State *L);
void binding_set_run_change(lua_State *L);
void binding_set_run_fields(lua_State *L);
void binding_set_run_lists(lua_State *L);
void binding_set_run_map(lua_State *L);

/* Makes the type and pushes the table of its methods. */
void binding_open_run_type(lua_State *L);

/* Pushes the table core.run. */
int binding_open_run(lua_State *L);

#endif
