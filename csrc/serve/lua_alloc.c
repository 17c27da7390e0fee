/*
** The allocator protocol of Lua, on a heap. It tells the size of every block
** that it resizes or gives back, so both take the paths that need no look at
** the block's pool.
*/
#include "base/base.h"
#include "pymalloc_inline.h"

/* Not inlined, so that malloc and free need not save the registers of a copy. */
static NOINLINE void *resize(pym_heap *heap, void *old, size_t old_bytes,
                             size_t bytes)
{
  return pym_realloc_sized_inline(heap, old, old_bytes, bytes);
}

void *pym_lua_alloc(void *heap, void *block, size_t old_bytes, size_t new_bytes)
{
  if (block == NULL) /* 'old_bytes' is then a type tag */
    return new_bytes == 0 ? NULL : pym_malloc_inline(heap, new_bytes);
  if (unlikely(new_bytes != 0))
    return resize(heap, block, old_bytes, new_bytes);
  pym_free_sized_inline(heap, block, old_bytes);
  return NULL;
}
