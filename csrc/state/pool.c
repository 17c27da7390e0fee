#include "state/pool.h"

void pool_take_many(struct pool_header *pool, size_t block_bytes, void **blocks,
                    size_t count)
{
  block *next = pool->freeblock;
  void **place = blocks + count;
  assert(count > 0 && next != NULL);
  pool->ref.count += (uint32_t)count;
  for (; place > blocks && next != NULL; next = block_link(next))
    *--place = next;
  for (; place > blocks; pool->nextoffset += (uint32_t)block_bytes)
    *--place = (block *)pool + pool->nextoffset;
  assert(pool->nextoffset <= pool->maxnextoffset + block_bytes);
  pool->freeblock = next;
  if (pool_wants_carving(pool))
    pool_carve(pool, block_bytes);
}
