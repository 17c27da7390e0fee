/*
** The fast paths of a cached heap, for C programs that compile them in: what
** the functions of pymalloc.h do, without the call. On a heap without a cache
** (cache_bytes and cache_blocks are 0) they call those functions.
**
** The layout of 'struct pym_front' is that of the library it was installed
** with: compile and link with the same version.
**
** SPDX-License-Identifier: MIT
*/
#ifndef PYMALLOC_INLINE_H
#define PYMALLOC_INLINE_H

#include <string.h>

#include "pymalloc.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PYM_LIKELY(condition) __builtin_expect(!!(condition), 1)
#else
#define PYM_LIKELY(condition) (condition)
#endif

/* Largest block that a cache keeps, and the bins for blocks up to there. */
#define PYM_CACHED_BYTES_MAX 512u
#define PYM_BIN_STEP 8u
#define PYM_BIN_COUNT (PYM_CACHED_BYTES_MAX / PYM_BIN_STEP + 1)

/*
** The free blocks that one size class keeps: a stack of addresses. Below the
** lowest stands a NULL, so that "is there one?" is a look at the top.
*/
struct pym_bin {
  void **top;  /* behind the block pushed last */
  void **full; /* where 'top' is when no more fits */
};

/* What every heap begins with. */
struct pym_front {
  size_t threshold;     /* largest request it may serve; 0: it is off */
  size_t round;         /* alignment - 1 */
  size_t mask;          /* ~round */
  uintptr_t base;       /* of the heap's addresses */
  size_t span;          /* of addresses that it may keep; 0: it is off */
  const uint8_t *sizes; /* per pool: its block size in steps; 0: unknown */
  unsigned pool_shift;
  struct pym_bin bins[PYM_BIN_COUNT]; /* by block size in steps */
};

static inline struct pym_front *pym_front_of(pym_heap *heap)
{
  return (struct pym_front *)heap;
}

/* The bin that serves a request up to the threshold. Bin 0 has no block. */
static inline struct pym_bin *pym_bin_of(struct pym_front *front, size_t bytes)
{
  return &front->bins[((bytes + front->round) & front->mask) / PYM_BIN_STEP];
}

/* A block of the bin, or NULL where it has none. */
static inline void *pym_bin_take(struct pym_bin *bin)
{
  void *taken = bin->top[-1];
  if (PYM_LIKELY(taken != NULL))
    bin->top--;
  return taken;
}

/* Keeps a block; false where the bin is full. */
static inline bool pym_bin_give(struct pym_bin *bin, void *freed)
{
  void **top = bin->top;
  if (!PYM_LIKELY(top != bin->full))
    return false;
  *top = freed;
  bin->top = top + 1;
  return true;
}

/* Does it lie where the cache may keep it? */
static inline bool pym_front_owns(const struct pym_front *front,
                                  const void *address)
{
  return (uintptr_t)address - front->base < front->span;
}

/* pym_malloc */
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

/* pym_free */
static inline void pym_free_inline(pym_heap *heap, void *freed)
{
  struct pym_front *front = pym_front_of(heap);
  size_t offset = (uintptr_t)freed - front->base;
  if (PYM_LIKELY(offset < front->span)) {
    uint8_t steps = front->sizes[offset >> front->pool_shift];
    if (PYM_LIKELY(pym_bin_give(&front->bins[steps], freed)))
      return;
  }
  pym_free(heap, freed);
}

/* pym_free_sized */
static inline void pym_free_sized_inline(pym_heap *heap, void *freed,
                                         size_t bytes)
{
  struct pym_front *front = pym_front_of(heap);
  if (PYM_LIKELY(bytes <= front->threshold && pym_front_owns(front, freed)) &&
      PYM_LIKELY(pym_bin_give(pym_bin_of(front, bytes), freed)))
    return;
  pym_free_sized(heap, freed, bytes);
}

/*
** pym_realloc_sized. In a cache a block moves only to another size class: the
** exact heap's rule of the three quarters can copy it to another of its own.
*/
static inline void *pym_realloc_sized_inline(pym_heap *heap, void *old,
                                             size_t old_bytes, size_t bytes)
{
  struct pym_front *front = pym_front_of(heap);
  size_t larger = old_bytes < bytes ? bytes : old_bytes;
  if (!PYM_LIKELY(larger <= front->threshold && pym_front_owns(front, old)))
    return pym_realloc_sized(heap, old, old_bytes, bytes);
  if (pym_bin_of(front, old_bytes) == pym_bin_of(front, bytes))
    return old;
  void *moved = pym_malloc_inline(heap, bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, old, old_bytes < bytes ? old_bytes : bytes);
  pym_free_sized_inline(heap, old, old_bytes);
  return moved;
}

#ifdef __cplusplus
}
#endif

#endif
