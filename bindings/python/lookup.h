/*
** Finds the pool in which an address of this process lies, a pool of CPython's
** own allocator or of a heap of this library. Any address may be asked for:
** memory is read by a system call that fails where there is none.
*/
#ifndef LOOKUP_H
#define LOOKUP_H

#include "state/heap.h"

struct lookup {
  bool is_ours;
  const struct pool_header *pool; /* its address */
  struct pool_header header;      /* a copy of its header */
  size_t block_bytes;
  size_t block_offset; /* of the block in its pool */
};

/*
** Finds the pool of an address in 'heap', which may be NULL, or in CPython's
** own pools of 16 KiB. Returns false if it is in none. CPython's pools are
** known by their header: four of its fields must agree with each other and
** with the address.
*/
bool lookup_pool(const pym_heap *heap, const void *address,
                 struct lookup *lookup);

#endif
