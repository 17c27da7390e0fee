#include "argument.h"
#include "heap.h"
#include "view.h"

#include <string.h>

struct place view_place(const pym_heap *heap, const struct pool_header *pool)
{
  size_t slot = heap_slot_of(heap, pool);
  const struct arena_object *arena = &heap->arenas[slot];
  return (struct place){.slot = slot,
                        .offset = (uintptr_t)pool -
                                  arena_first_pool(arena, &heap->geometry),
                        .serial = arena->serial};
}

void view_push(lua_State *L, const struct binding_type *type, int heap_index,
               struct place place)
{
  struct view *view = binding_new(L, type);
  view->place = place;
  lua_pushvalue(L, heap_index);
  (void)lua_setiuservalue(L, -2, 1);
}

pym_heap *view_test_heap(lua_State *L, int index)
{
  (void)lua_getiuservalue(L, index, 1);
  struct binding_heap *heap = binding_test_heap(L, -1);
  lua_pop(L, 1);
  return heap == NULL ? NULL : heap->core;
}

pym_heap *view_heap(lua_State *L, int index)
{
  pym_heap *heap = view_test_heap(L, index);
  if (heap == NULL)
    luaL_error(L, "pymalloc: the heap of this view is closed");
  return heap;
}

void view_push_address(lua_State *L, const void *address)
{
  if (address == NULL)
    luaL_pushfail(L);
  else
    lua_pushinteger(L, (lua_Integer)(uintptr_t)address);
}

struct pool_header *view_pool_at(const pym_heap *heap,
                                 const struct arena_object *arena,
                                 size_t offset)
{
  uintptr_t first = arena_first_pool(arena, &heap->geometry);
  if (offset % heap->geometry.pool_bytes != 0 ||
      offset >= (uintptr_t)arena->pool_address - first)
    return NULL;
  return (struct pool_header *)(first + offset);
}

/*
** {==================================================================
** Metamethods
** ===================================================================
*/

/* The number of the field that the string at 'index' names, or -1. */
static ptrdiff_t find_field(lua_State *L, int index,
                            const struct view_fields *fields)
{
  const char *name = binding_to_word(L, index);
  for (ptrdiff_t i = 0; name != NULL && fields->names[i] != NULL; i++)
    if (strcmp(fields->names[i], name) == 0)
      return i;
  return -1;
}

int view_index(lua_State *L, const struct view_fields *fields)
{
  (void)binding_check(L, 1, fields->type);
  ptrdiff_t field = find_field(L, 2, fields);
  if (field < 0)
    return binding_push_method(L, fields->type);
  fields->push(L, (size_t)field);
  return 1;
}

/* An iterator: the name and value behind the name at index 2. */
int view_next_field(lua_State *L, const struct view_fields *fields)
{
  (void)binding_check(L, 1, fields->type);
  ptrdiff_t field = find_field(L, 2, fields) + 1;
  if (field == 0 && !lua_isnoneornil(L, 2))
    return luaL_error(L, "pymalloc: %s has no field %s", fields->type->name,
                      binding_quote(L, 2));
  lua_pushstring(L, fields->names[field]); /* NULL: nil, the end */
  if (fields->names[field] == NULL)
    return 1;
  fields->push(L, (size_t)field);
  return 2;
}

int view_pairs(lua_State *L, const struct binding_type *type,
               lua_CFunction next)
{
  (void)binding_check(L, 1, type);
  lua_pushcfunction(L, next);
  lua_pushvalue(L, 1);
  return 2;
}

int view_is_equal(lua_State *L, const struct binding_type *type)
{
  const struct view *one = binding_test(L, 1, type);
  const struct view *other = binding_test(L, 2, type);
  bool is_equal = one != NULL && other != NULL &&
                  one->place.slot == other->place.slot &&
                  one->place.offset == other->place.offset &&
                  one->place.serial == other->place.serial;
  if (is_equal) {
    (void)lua_getiuservalue(L, 1, 1);
    (void)lua_getiuservalue(L, 2, 1);
    is_equal = lua_rawequal(L, -1, -2);
  }
  lua_pushboolean(L, is_equal);
  return 1;
}

/* }================================================================== */
