/*
** Addresses: where one lies in a heap, and what bytes are there.
*/
#include <string.h>

#include "binding.h"

/***
** pymalloc.Place: where something lies in a heap.
** @tfield integer arena slot
** @tfield integer pool bytes from the arena's first pool
** @tfield integer offset bytes from the pool's start
*/

static void set_place(lua_State *L, const char *name, size_t value)
{
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

void binding_push_location(lua_State *L, pym_location location)
{
  lua_createtable(L, 0, 3);
  set_place(L, "arena", location.arena);
  set_place(L, "pool", location.pool);
  set_place(L, "offset", location.offset);
}

/***
** heap:locate(address): where an address lies in the heap.
** @tparam integer address
** @treturn pymalloc.Place or nil where it is in no carved pool
** @usage
** heap:locate(b:address()).arena --> 0
** heap:locate(0) --> nil
*/
static int heap_locate(lua_State *L)
{
  pym_location location;
  const pym_heap *heap = binding_check_heap(L, 1);
  if (pym_locate(heap, binding_check_address(L, 2, "heap:locate: address"),
                 &location))
    binding_push_location(L, location);
  else
    luaL_pushfail(L);
  return 1;
}

/* Do the bytes lie in pools of one open arena? Those are always there. */
static bool is_readable(const pym_heap *heap, const void *address, size_t bytes)
{
  const struct arena_object *arena =
      heap_owns(heap, address) ? heap_arena(heap, heap_slot_of(heap, address))
                               : NULL;
  if (arena == NULL)
    return false;
  size_t pools_bytes = arena->ntotalpools * heap->geometry.pool_bytes;
  size_t offset = (uintptr_t)address - arena_first_pool(arena, &heap->geometry);
  return offset < pools_bytes && bytes <= pools_bytes - offset;
}

/***
** heap:peek(address, count): bytes of the heap's own arenas, free blocks and
** headers included. Anything else is an error.
** @tparam integer address
** @tparam integer count
** @treturn string
** @usage
** local header = heap:peek(b:pool().address, 48)
** ("<I4"):unpack(header) --> 1 5
*/
static int heap_peek(lua_State *L)
{
  const pym_heap *heap = binding_check_heap(L, 1);
  const void *address = binding_check_address(L, 2, "heap:peek: address");
  size_t bytes = binding_check_size(L, 3, "heap:peek: count");
  if (!is_readable(heap, address, bytes))
    return luaL_error(L,
                      "pymalloc: heap:peek: the %I bytes at %p are not all in "
                      "the pools of one live arena of the heap",
                      (LUAI_UACINT)bytes, address);
  /* They may overlap, where Lua lives on the heap. */
  memmove(binding_push_scratch(L, bytes), address, bytes);
  (void)lua_pushlstring(L, lua_touserdata(L, -1), bytes);
  return 1;
}

const luaL_Reg binding_address_methods[] = {
    {"locate", heap_locate}, {"peek", heap_peek}, {NULL, NULL}};
