/*
** Events as Lua tables.
**
**   { request = 7, index = 2, kind = "block_pop", operation = "malloc",
**     bytes = 24, about = "block", arena = 0, pool = 4096, block = 48,
**     class = 2, changes = {
**       { of = "pool", arena = 0, pool = 4096, field = "ref_count",
**         old = 0, new = 1 }, ... } }
**
** Numbers are integers, slots of arenas too; a place is a string
** ("0:4096:48", "0:4096", "class 2"), "-" for NULL, "?" for one that is not
** of the heap; the old or new value of a record that does not exist is nil.
** The addresses in an arena object are integers: 'address' counts from the first
** slot of the region, 'pool_address' from the first pool of the arena.
*/
#ifndef EVENT_TABLE_H
#define EVENT_TABLE_H

#include <lua.h>

#include "observe/event.h"

/* Pushes an event of a heap with that geometry. */
void event_push(lua_State *L, const struct event *event,
                const pym_geometry *geometry);

/* Pushes the new value of a change. */
void event_push_value(lua_State *L, const struct event_change *change,
                      const pym_geometry *geometry);

/* A set of kinds: an integer with a bit each. */
uint64_t event_check_kinds(lua_State *L, int index, const char *what);

/* Pushes the table core.events. */
int binding_open_events(lua_State *L);

#endif
