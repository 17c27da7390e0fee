/*
** The pool in which an address of this process lies, be it CPython's or ours.
** Nothing is read that could fault: who asks for any address gets an answer.
*/
#ifndef LOOKUP_H
#define LOOKUP_H

#include "state/heap.h"

struct lookup {
  bool is_ours;
  const struct pool_header *pool; /* where it is */
  struct pool_header header;      /* a copy */
  size_t block_bytes;
  size_t block_offset; /* of the block in its pool */
};

/*
** Finds the pool of an address in 'heap' (may be NULL) or in CPython's own
** pools of 16 KiB. false: it is in none. Of CPython's the header decides, in
** which four fields must agree with each other and with the address.
*/
bool lookup_pool(const pym_heap *heap, const void *address,
                 struct lookup *lookup);

#endif
