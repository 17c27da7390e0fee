/*
** The allocator protocol of Lua, on a heap. It tells the size of every block
** that it resizes or gives back, so both take the paths that need no look at
** the block's pool.
*/
#include "base/base.h"
#include "pymalloc_inline.h"

void *pym_lua_alloc(void *heap, void *block, size_t old_bytes, size_t new_bytes)
{
  if (block == NULL) /* 'old_bytes' is then a type tag */
    return new_bytes == 0 ? NULL : pym_malloc_inline(heap, new_bytes);
  if (new_bytes != 0)
    return pym_realloc_sized_inline(heap, block, old_bytes, new_bytes);
  pym_free_sized_inline(heap, block, old_bytes);
  return NULL;
}
