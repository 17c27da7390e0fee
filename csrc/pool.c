#include "pool.h"

void pool_init(struct pool_header *pool, const pym_geometry *geometry,
               size_t szidx)
{
  size_t block_bytes = pym_class_bytes(geometry, szidx);
  pool->ref.count = 0;
  pool->szidx = (uint32_t)szidx;
  pool->nextoffset = (uint32_t)geometry_header_bytes(geometry);
  pool->maxnextoffset = (uint32_t)(geometry->pool_bytes - block_bytes);
  pool->freeblock = NULL;
}
