/*
** Finds the arena and the pool of an address, and reads the bytes there.
*/
#include <string.h>

#include "address.h"
#include "argument.h"
#include "heap.h"
#include "named_table.h"

/***
** pymalloc.Place: the place of a block in a heap. It depends only on the
** requests and the geometry, not on the addresses of this process. The text
** `0:4096:48` is arena 0, pool 4096, offset 48: the block begins 48 bytes after
** the start of its pool, and the pool 4,096 bytes after the arena's first pool.
** @tfield integer arena index of the arena in the arenas vector, from 0 on
** @tfield integer pool bytes from the start of the arena's first pool to the
** start of the pool
** @tfield integer offset bytes from the start of the pool to the block
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
  named_table_mark(L, NAMED_PLACE);
}

/***
** heap:locate(address): the place of an address in the heap.
** @tparam integer address
** @treturn pymalloc.Place or nil for an address that is in no carved pool of a
** live arena
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

/* Are the bytes in pools of one live arena? Such memory can be read. */
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
** heap:peek(address, count): reads memory of the heap: blocks in any state,
** and pool headers. All of it must lie in the pools of one live arena;
** anything else raises an error.
** @tparam integer address of the first byte
** @tparam integer count bytes
** @treturn string
** @usage
** local header = heap:peek(b:pool().address, 48)
** ("<I4"):unpack(header) --> 1 5
*/
static int heap_peek(lua_State *L)
{
  const pym_heap *heap = binding_check_heap(L, 1);
  const void *address = binding_check_address(L, 2, "heap:peek: address");
  uint64_t count = binding_check_number(L, 3, "heap:peek: count");
  size_t bytes = size_of_number(count);
  if (!is_readable(heap, address, bytes))
    return luaL_error(L,
                      "pymalloc: heap:peek: the %I bytes at %p are not all in "
                      "the pools of one live arena of the heap",
                      (LUAI_UACINT)count, address);
  /* The two may overlap, if this Lua state is hosted on the heap. */
  memmove(binding_push_scratch(L, bytes), address, bytes);
  (void)lua_pushlstring(L, lua_touserdata(L, -1), bytes);
  return 1;
}

const luaL_Reg binding_address_methods[] = {
    {"locate", heap_locate}, {"peek", heap_peek}, {NULL, NULL}};
