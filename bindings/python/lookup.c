#include "lookup.h"

#include <sys/uio.h>
#include <unistd.h>

#define REAL_POOL_BYTES ((size_t)16 << 10)
#define REAL_ALIGNMENT 16u
#define REAL_CLASS_COUNT 32u

/* Copies memory. Returns false where no memory is mapped. */
static bool read_safely(const void *address, void *copy, size_t bytes)
{
  struct iovec local = {copy, bytes};
  struct iovec remote = {(void *)(uintptr_t)address, bytes};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}

/* Do the fields agree with each other, as those of a pool do? */
static bool is_header(const struct pool_header *header)
{
  size_t bytes = REAL_ALIGNMENT * (header->szidx + (size_t)1);
  return header->szidx < REAL_CLASS_COUNT &&
         header->maxnextoffset == REAL_POOL_BYTES - bytes &&
         header->nextoffset >= sizeof *header + bytes &&
         header->nextoffset <= REAL_POOL_BYTES &&
         (header->nextoffset - sizeof *header) % bytes == 0 &&
         header->ref.count <= (REAL_POOL_BYTES - sizeof *header) / bytes;
}

/* The offset of the block that holds an offset of the pool, or 0. */
static size_t block_at(const struct lookup *lookup, size_t first, size_t offset)
{
  if (offset < first || offset >= lookup->header.nextoffset)
    return 0;
  return offset - (offset - first) % lookup->block_bytes;
}

static bool lookup_ours(const pym_heap *heap, const void *address,
                        struct lookup *lookup)
{
  const struct pool_header *pool = heap_find_pool(heap, address);
  if (pool == NULL || pool->szidx >= heap->class_count)
    return false;
  lookup->is_ours = true;
  lookup->pool = pool;
  lookup->header = *pool;
  lookup->block_bytes = pym_class_bytes(&heap->geometry, pool->szidx);
  lookup->block_offset =
      block_at(lookup, geometry_header_bytes(&heap->geometry),
               (uintptr_t)address - (uintptr_t)pool);
  return lookup->block_offset != 0;
}

static bool lookup_real(const void *address, struct lookup *lookup)
{
  uintptr_t pool = align_down((uintptr_t)address, REAL_POOL_BYTES);
  lookup->is_ours = false;
  lookup->pool = (const struct pool_header *)pool;
  if (!read_safely(lookup->pool, &lookup->header, sizeof lookup->header) ||
      !is_header(&lookup->header))
    return false;
  lookup->block_bytes = REAL_ALIGNMENT * (lookup->header.szidx + (size_t)1);
  lookup->block_offset =
      block_at(lookup, sizeof lookup->header, (uintptr_t)address - pool);
  return lookup->block_offset != 0;
}

bool lookup_pool(const pym_heap *heap, const void *address,
                 struct lookup *lookup)
{
  if (heap != NULL && heap_owns(heap, address))
    return lookup_ours(heap, address, lookup);
  return lookup_real(address, lookup);
}
