#include "arena.h"
#include "buffer.h"
#include "heap.h"
#include "kind.h"
#include "pool.h"
#include "run_type.h"

static const struct binding_type *const types[] = {
    &binding_heap_type, &binding_buffer_type, &binding_arena_type,
    &binding_pool_type, &binding_run_type,    NULL};

/*
** core.kind(x): "Heap", "Buffer", "Arena", "Pool" or "Run"; nil for any other
** value, whatever metatable it has.
*/
static int kind(lua_State *L)
{
  for (const struct binding_type *const *type = types; *type != NULL; type++)
    if (binding_test(L, 1, *type) != NULL) {
      lua_pushstring(L, (*type)->name + sizeof "pymalloc." - 1);
      return 1;
    }
  luaL_pushfail(L);
  return 1;
}

/* core.owner(x): the heap of a buffer, an arena or a pool; else nil. */
static int owner(lua_State *L)
{
  const struct buffer *buffer = binding_test(L, 1, &binding_buffer_type);
  if (buffer != NULL)
    (void)buffer_push_heap(L, 1, buffer);
  else if (binding_test(L, 1, &binding_arena_type) != NULL ||
           binding_test(L, 1, &binding_pool_type) != NULL)
    (void)lua_getiuservalue(L, 1, 1);
  else
    luaL_pushfail(L);
  return 1;
}

static const luaL_Reg functions[] = {
    {"kind", kind}, {"owner", owner}, {NULL, NULL}};

void binding_set_kind(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
