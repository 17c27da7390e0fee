/*
** A Lua state on a heap. The heap is deleted after the state is closed.
*/
#include <lauxlib.h>
#include <lualib.h>
#include <pymalloc.h>
#include <stdio.h>

#if LUA_VERSION_NUM < 505 /* before, lua_newstate takes no seed */
#define lua_newstate(allocate, context, seed) lua_newstate(allocate, context)
#endif

int main(void)
{
  pym_options options = pym_options_hosting();
  pym_heap *heap = pym_heap_new(&options);
  lua_State *L = lua_newstate(pym_lua_alloc, heap, luaL_makeseed(NULL));
  luaL_openlibs(L);
  if (luaL_dostring(L, "local t = {} for i = 1, 1000 do t[i] = 'n' .. i end "
                       "print(#t .. ' strings')"))
    puts(lua_tostring(L, -1));

  pym_stats stats;
  pym_heap_stats(heap, &stats, NULL);
  printf("more than 1000 live blocks: %s\n",
         stats.blocks - stats.cached_blocks > 1000 ? "yes" : "no");
  lua_close(L);
  pym_heap_stats(heap, &stats, NULL);
  printf("live blocks after lua_close: %zu\n",
         stats.blocks - stats.cached_blocks);
  pym_heap_delete(heap);
  return 0;
}
