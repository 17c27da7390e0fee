/*
** Methods that tell where a buffer lies.
*/
#include "address.h"
#include "arena.h"
#include "heap.h"
#include "pool.h"
#include "buffer.h"
#include "view.h"

/***
** b:address(): the address of the first element.
** @treturn integer
** @usage heap:locate(b:address()).offset --> 48
*/
static int address(lua_State *L)
{
  struct span span = buffer_span(L, 1, buffer_check(L, 1));
  view_push_address(L, span.data);
  return 1;
}

/***
** b:location(): the place of the block in its heap.
** @treturn pymalloc.Place or nil for a raw block
** @usage b:location() --> pymalloc.Place 0:0:48
*/
static int location(lua_State *L)
{
  pym_location at;
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  (void)buffer_push_heap(L, 1, buffer);
  if (pym_locate(binding_check_heap(L, -1), span.data, &at))
    binding_push_location(L, at);
  else
    luaL_pushfail(L);
  return 1;
}

/***
** b:pool(): the pool of the block.
** @treturn pymalloc.Pool or nil for a raw block
** @usage b:pool().szidx --> 1
*/
static int pool(lua_State *L)
{
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  (void)buffer_push_heap(L, 1, buffer);
  const pym_heap *heap = binding_check_heap(L, -1);
  const struct pool_header *found = heap_find_pool(heap, span.data);
  if (found == NULL)
    luaL_pushfail(L);
  else
    view_push(L, &binding_pool_type, lua_gettop(L), view_place(heap, found));
  return 1;
}

const luaL_Reg buffer_place_methods[] = {
    {"address", address}, {"location", location}, {"pool", pool}, {NULL, NULL}};
