/*
** pymalloc.Heap: a userdata that points to a counted record in C memory.
*/
#ifndef BINDING_HEAP_H
#define BINDING_HEAP_H

#include "state/heap.h"
#include "tracked.h"
#include "type.h"

extern const struct binding_type binding_heap_type;

/* What a heap and its buffers share. It lasts until the last of them. */
struct binding_heap {
  pym_heap *core; /* NULL: closed */
  size_t reference_count;
  const char *profile;
  pym_geometry geometry;
  struct tracked raw_blocks; /* all that raw serves */
  size_t unannounced_bytes;  /* that Lua's collector was not told of */
  char *report;              /* a report of misuse to be raised; or NULL */
  bool is_borrowed;          /* it is a run's: only to be looked at */
  bool is_hosting;           /* a Lua state lives on it */
  struct binding_watching *watching; /* NULL: it has no listener */
};

/*
** Pushes a heap, or nil, a message and "ENOMEM"; returns how many values.
** 'profile' has to last.
*/
int binding_push_heap(lua_State *L, const pym_options *options,
                      const char *profile);

/* The heap at 'index', which is open; anything else is an error. */
struct binding_heap *binding_open_heap(lua_State *L, int index);

/* The core of the same. */
pym_heap *binding_check_heap(lua_State *L, int index);

/* The heap at 'index', if it is one and open, else NULL. */
struct binding_heap *binding_test_heap(lua_State *L, int index);

/*
** Pushes a heap that somebody else owns, who ends it by binding_end_borrowed;
** returns its record, of which the owner has one reference. NULL: no memory.
*/
struct binding_heap *binding_push_borrowed(lua_State *L, pym_heap *core,
                                           const char *profile);
void binding_end_borrowed(struct binding_heap *heap);

/* The Lua state that lives on it has ended: so do heap and record. */
void binding_end_hosting(struct binding_heap *heap);

/* A heap that is only to be looked at is an error. */
void binding_check_own(lua_State *L, const struct binding_heap *heap);

/* Gives back one reference; the last one ends the record. */
void binding_release_heap(struct binding_heap *heap);

/* Tells Lua's collector, now and then, of bytes that it cannot see. */
void binding_announce(lua_State *L, struct binding_heap *heap, size_t bytes);

/* The functions pymalloc.heap, ...; makes the type, pushes its methods. */
extern const luaL_Reg binding_heap_functions[];
void binding_open_heap_type(lua_State *L);

#endif
