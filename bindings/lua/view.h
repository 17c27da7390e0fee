/*
** Views show arenas and pools as they are in memory, at each access. A view
** holds no pointer but a place, and looks up anew what is there:
**
**   arena   a slot of the arenas vector, with or without an arena in it
**   pool    a pool in one life of an arena: when that one is released the
**           view is of nothing, even if the slot has an arena again
*/
#ifndef VIEW_H
#define VIEW_H

#include "state/heap.h"
#include "type.h"

/* Where a pool is; of an arena only the slot. */
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
** Pushes a view of a place; the heap is at 'heap_index', an absolute index,
** and anything else there makes a view of nothing.
*/
void view_push(lua_State *L, const struct binding_type *type, int heap_index,
               struct place place);

/* The open heap of the view at 'index'; a closed one is an error. */
pym_heap *view_heap(lua_State *L, int index);

/* The same, or NULL. */
pym_heap *view_test_heap(lua_State *L, int index);

/*
** The fields of a kind of view. 'push' pushes the one with that number in
** 'names' (which ends with NULL) of the view at index 1.
*/
struct view_fields {
  const struct binding_type *type;
  const char *const *names;
  void (*push)(lua_State *L, size_t field);
};

/* What __index, __pairs with its iterator, and __eq do with them. */
int view_index(lua_State *L, const struct view_fields *fields);
int view_pairs(lua_State *L, const struct binding_type *type,
               lua_CFunction next);
int view_next_field(lua_State *L, const struct view_fields *fields);
int view_is_equal(lua_State *L, const struct binding_type *type);

/* An address, or nil for NULL. */
void view_push_address(lua_State *L, const void *address);

/* The carved pool of an open arena at 'offset', or NULL. */
struct pool_header *view_pool_at(const pym_heap *heap,
                                 const struct arena_object *arena,
                                 size_t offset);

#endif
