/*
** An allocator that a state has for a while.
**
** Lua 5.5 frees a string that a buffer of C made (luaL_Buffer) by the allocator
** that the state had when it was made. So an allocator is also called after it
** was replaced, and its context must live as long as the state. A relay is that
** context: it calls the allocator for a while, and that below it afterwards.
**
** It is a userdata without __gc in the registry. lua_close frees such objects
** from the last to the first that was made, so strings that refer to a relay
** are freed before it.
*/
#ifndef BINDING_RELAY_H
#define BINDING_RELAY_H

#include <lua.h>
#include <stdint.h>

struct relay {
  uint64_t magic;
  lua_Alloc allocate; /* NULL: only that below is called */
  void *context;
  lua_Alloc below;
  void *below_context;
};

/* Makes the type, once for each state. */
void relay_open_type(lua_State *L);

/* The relay of this state with that key; makes it, where it has none. */
struct relay *relay_of(lua_State *L, const void *key);

/* From here to the end, requests of the state are made to 'allocate'. */
void relay_begin(lua_State *L, struct relay *relay, lua_Alloc allocate,
                 void *context);
void relay_end(lua_State *L, struct relay *relay);

/* The context with which the state calls 'allocate'; NULL: it does not. */
void *relay_context(lua_State *L, lua_Alloc allocate);

#endif
