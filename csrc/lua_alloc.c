/*
** The allocator protocol of Lua, on a heap. It tells the size of every block
** it gives back.
*/
#include "base.h"

void *pym_lua_alloc(void *heap, void *block, size_t old_bytes, size_t new_bytes)
{
  if (block == NULL) /* 'old_bytes' is then a type tag */
    return new_bytes == 0 ? NULL : pym_malloc(heap, new_bytes);
  if (new_bytes != 0)
    return pym_realloc(heap, block, new_bytes);
  pym_free_sized(heap, block, old_bytes);
  return NULL;
}
