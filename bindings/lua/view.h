/*
** A view reads an arena or a pool from memory at each access. It has no
** pointer; it has a place, and looks up what is there:
**
**   arena   a slot of the arenas vector, with or without an arena in it
**   pool    a pool of one arena: when the arena is released, the view shows
**           nothing any more, also if the slot has a new arena
*/
#ifndef VIEW_H
#define VIEW_H

#include "state/heap.h"
#include "type.h"

/* The place of a pool; for an arena only the slot is used. */
struct place {
  size_t slot;
  size_t offset; /* from the arena's first pool */
  size_t serial; /* of the arena */
};

struct view {
  uint64_t seal;
  struct place place;
};

/* The place of a pool that was found in an open arena. */
struct place view_place(const pym_heap *heap, const struct pool_header *pool);

/*
** Pushes a view of a place. The heap is at 'heap_index', an absolute index;
** with any other value there the view shows nothing.
*/
void view_push(lua_State *L, const struct binding_type *type, int heap_index,
               struct place place);

/* The open heap of the view at 'index'. A closed heap is an error. */
pym_heap *view_heap(lua_State *L, int index);

/* The same, or NULL. */
pym_heap *view_test_heap(lua_State *L, int index);

/*
** The fields of a kind of view. 'names' ends with NULL. 'push' pushes the field
** with that index in 'names', of the view at index 1.
*/
struct view_fields {
  const struct binding_type *type;
  const char *const *names;
  void (*push)(lua_State *L, size_t field);
};

/* The metamethods __index and __pairs with its iterator; and __eq. */
int view_index(lua_State *L, const struct view_fields *fields);
int view_pairs(lua_State *L, const struct binding_type *type,
               lua_CFunction next);
int view_next_field(lua_State *L, const struct view_fields *fields);
int view_is_equal(lua_State *L, const struct binding_type *type);

/* Pushes an address, or nil for NULL. */
void view_push_address(lua_State *L, const void *address);

/* The carved pool of an open arena at 'offset', or NULL. */
struct pool_header *view_pool_at(const pym_heap *heap,
                                 const struct arena_object *arena,
                                 size_t offset);

#endif
