/*
** Inline versions of four functions of pymalloc.h, for heaps with a cache: a
** request that the cache can serve needs no call. On a heap without a cache
** (cache_bytes and cache_blocks are 0) they call the functions of pymalloc.h.
**
** 'struct pym_front' is part of the library's binary interface: compile with
** the header that was installed with the library.
**
** SPDX-License-Identifier: MIT
*/
#ifndef PYMALLOC_INLINE_H
#define PYMALLOC_INLINE_H

#include "pymalloc.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PYM_LIKELY(condition) __builtin_expect(!!(condition), 1)
#else
#define PYM_LIKELY(condition) (condition)
#endif

/* Largest block that a cache keeps; the bins, one for each 8 bytes of size. */
#define PYM_CACHED_BYTES_MAX 512u
#define PYM_BIN_STEP 8u
#define PYM_BIN_COUNT (PYM_CACHED_BYTES_MAX / PYM_BIN_STEP + 1)

/* A front has the block size of each pool in a byte, in units of 4 bytes. */
#define PYM_SIZE_UNIT 4u

/*
** The free blocks of one size class: a stack of addresses, with NULL below the
** lowest, so that a bin without a block is recognised by its top.
*/
struct pym_bin {
  void **top;  /* one past the block pushed last */
  void **full; /* the value of 'top' in a full bin */
};

/* The first member of every heap. */
struct pym_front {
  size_t threshold; /* largest request that the cache serves; 0: off */
  size_t round;     /* alignment - 1 */
  size_t mask;      /* ~round */
  uintptr_t base;   /* first of the heap's addresses */
  size_t span;      /* bytes from base that the cache serves; 0: off */
  uintptr_t sizes;  /* see pym_front_block_bytes */
  unsigned pool_shift;
  void *freed_last; /* in no bin yet; behind the region: there is none */
  struct pym_bin bins[PYM_BIN_COUNT]; /* by block size / PYM_BIN_STEP */
};

static inline struct pym_front *pym_front_of(pym_heap *heap)
{
  return (struct pym_front *)heap;
}

/*
** The bin for a block size, which is a multiple of PYM_BIN_STEP. Bin 0 has no
** block. The offset of the bin is a multiple of the size. Indexing 'bins' would
** need a division first, for a compiler does not know that it has no remainder.
*/
static inline struct pym_bin *pym_bin_at(struct pym_front *front,
                                         size_t block_bytes)
{
  size_t offset = block_bytes * (sizeof(struct pym_bin) / PYM_BIN_STEP);
  return (struct pym_bin *)(void *)((char *)front->bins + offset);
}

/* The bin for a request up to the threshold. */
static inline struct pym_bin *pym_bin_of(struct pym_front *front, size_t bytes)
{
  return pym_bin_at(front, (bytes + front->round) & front->mask);
}

/* Takes a block from a bin; NULL if the bin is empty. */
static inline void *pym_bin_take(struct pym_bin *bin)
{
  void *taken = bin->top[-1];
  if (PYM_LIKELY(taken != NULL))
    bin->top--;
  return taken;
}

/* Puts a block into a bin; false if the bin is full. */
static inline bool pym_bin_give(struct pym_bin *bin, void *freed)
{
  void **top = bin->top;
  if (!PYM_LIKELY(top != bin->full))
    return false;
  *top = freed;
  bin->top = top + 1;
  return true;
}

/* The block size of the pool of an address; 0: its blocks have no bin. */
static inline size_t pym_front_block_bytes(const struct pym_front *front,
                                           const void *address)
{
  uintptr_t at = (uintptr_t)address >> front->pool_shift;
  return *(const uint8_t *)(front->sizes + at) * (size_t)PYM_SIZE_UNIT;
}

/*
** Notes a freed block, and puts the one that was freed before it into its bin.
** false: that bin is full, and nothing was done.
**
** The bin of a block is known only after a look-up of its size. Were the block
** put there at once, the malloc that follows would wait for this look-up.
*/
static inline bool pym_front_give(struct pym_front *front, void *freed)
{
  void *before = front->freed_last;
  size_t block_bytes = pym_front_block_bytes(front, before);
  if (!PYM_LIKELY(pym_bin_give(pym_bin_at(front, block_bytes), before)))
    return false;
  front->freed_last = freed;
  return true;
}

/* Is the address one that the cache may keep? */
static inline bool pym_front_owns(const struct pym_front *front,
                                  const void *address)
{
  return (uintptr_t)address - front->base < front->span;
}

/*
** Does a block of a bin keep its place when it is resized to 'bytes'? It does by
** CPython's rule of three quarters (see pym_realloc), and if it could only move
** to a block of the same size. The first difference wraps around if the block is
** too small, and the second if 'bytes' is 0. A block of 0 bytes is not the
** cache's.
*/
static inline bool pym_front_fits(const struct pym_front *front, size_t bytes,
                                  size_t block_bytes)
{
  return block_bytes - bytes < block_bytes / 4 ||
         (bytes - 1 < block_bytes &&
          ((bytes + front->round) & front->mask) == block_bytes);
}

/* Does the same as pym_malloc. */
static inline void *pym_malloc_inline(pym_heap *heap, size_t bytes)
{
  struct pym_front *front = pym_front_of(heap);
  if (PYM_LIKELY(bytes <= front->threshold)) {
    void *taken = pym_bin_take(pym_bin_of(front, bytes));
    if (PYM_LIKELY(taken != NULL))
      return taken;
  }
  return pym_malloc(heap, bytes);
}

/* Does the same as pym_free. */
static inline void pym_free_inline(pym_heap *heap, void *freed)
{
  struct pym_front *front = pym_front_of(heap);
  if (PYM_LIKELY(pym_front_owns(front, freed)) &&
      PYM_LIKELY(pym_front_give(front, freed)))
    return;
  pym_free(heap, freed);
}

/* Does the same as pym_free_sized. */
static inline void pym_free_sized_inline(pym_heap *heap, void *freed,
                                         size_t bytes)
{
  struct pym_front *front = pym_front_of(heap);
  if (PYM_LIKELY(bytes <= front->threshold && pym_front_owns(front, freed)) &&
      PYM_LIKELY(pym_bin_give(pym_bin_of(front, bytes), freed)))
    return;
  pym_free_sized(heap, freed, bytes);
}

/* Does the same as pym_realloc_sized. A block that moves needs a call. */
static inline void *pym_realloc_sized_inline(pym_heap *heap, void *old,
                                             size_t old_bytes, size_t bytes)
{
  struct pym_front *front = pym_front_of(heap);
  if (PYM_LIKELY(pym_front_owns(front, old)) &&
      pym_front_fits(front, bytes, pym_front_block_bytes(front, old)))
    return old;
  return pym_realloc_sized(heap, old, old_bytes, bytes);
}

#ifdef __cplusplus
}
#endif

#endif
