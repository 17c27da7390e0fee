/*
** A heap is one independent allocator. All of its state is in its record, or
** is reached from there.
**
**   usedpools            per size class, a ring of its used pools
**   usable_arenas        arenas with a free pool, the fullest first
**   unused_arena_objects slots of the arenas vector without an arena
**
** malloc  takes a block from the first used pool of the class. If there is no
**         such pool, the fullest usable arena gives a pool; if there is no
**         such arena, a new one is obtained; if that fails, the raw allocator
**         serves the request.
** free    puts the block on the chain of its pool. A pool that was full goes
**         to the front of its ring; a pool that is now empty goes back to its
**         arena; an arena with only free pools is released by the release rule.
**
** A ring in usedpools begins and ends at a header of its own, which looks like
** a pool with one free block that has no successor. The fast path of malloc
** reads the link of the first free block without a test for an empty ring: if
** the link is not NULL, the block is of a used pool, which stays used.
** Every other case goes to the slow path. If 'fast_threshold' and 'fast_span'
** are 0, every request goes there.
**
** [used.members]     usedpools[c] holds exactly the used pools of class c
** [used.links]       nextpool and prevpool agree
** [unused.members]   unused_arena_objects holds exactly the closed slots
** [arenas.counters]  current <= highwater <= total; current == open slots
** [arenas.release]   with the rule "at once", no arena has only free pools
** [region.place]     arena i lies at base + i * arena_bytes + arena_offset
**
** Taught in lesson 9; tested by spec/unit/heap_spec.lua.
*/
#ifndef HEAP_H
#define HEAP_H

#include "state/order.h"
#include "pymalloc_inline.h"
#include "memory/region.h"

struct debug;
struct heap_layer;
struct medium;
struct watch;

#define INITIAL_ARENA_OBJECTS 16u
#define CACHE_BLOCKS_MAX ((size_t)1 << 12) /* in one bin */

#define LOAN_OWN_WORDS ((size_t)3)
#define LOAN_BLOCKS_MAX ((size_t)UINT16_MAX) /* of a pool that can be lent */

/* The bits of a loan with more blocks than its record has bits for. */
struct wide_bits {
  struct loan *owner;     /* NULL: it is free */
  struct wide_bits *next; /* the next free one, while it is free */
  uint64_t words[];
};

/* A pool lent to the cache, as the cache records it (state/loan.h). */
struct loan {
  uint16_t free_count; /* bits that are set */
  uint16_t carved;     /* blocks that are not virgin: those below it */
  uint16_t capacity;   /* blocks of the pool */
  uint16_t bin;        /* the bin of its blocks; 0: it is not lent */
  union {              /* a bit for each block; set: the block is free */
    uint64_t own[LOAN_OWN_WORDS];
    struct wide_bits *wide; /* if there are more blocks than bits in 'own' */
  };
  struct loan *next, *prev; /* in the ring of its bin, while it waits */
};

static_assert(sizeof(struct loan) <= 48,
              "four records fill three lines of the caches");

/* All wide bits: an array, and a list of the free ones (serve/wide_bits.h). */
struct wide_bits_table {
  char *start;
  size_t one_bytes; /* of one struct wide_bits */
  size_t limit;     /* those for which addresses are reserved */
  size_t committed; /* bytes */
  size_t count;     /* those that have been used, the first ones */
  struct wide_bits *free;
};

/* Where a bin gets blocks from. */
struct loan_source {
  struct loan *current; /* without one, the address of 'ring' */
  uint64_t reciprocal;  /* 2^32 / block size, rounded up */
  struct loan ring;     /* header of the waiting loans; it has no block */
};

struct pym_heap {
  struct pym_front front; /* the cache, as the inline functions read it */

  /* read by the fast paths */
  size_t fast_threshold; /* requests up to here may be fast */
  unsigned alignment_shift;
  uintptr_t pool_mask; /* address & pool_mask: its pool */
  uintptr_t base;      /* the region's */
  size_t fast_span;    /* frees below base + fast_span may be fast */

  const struct heap_layer *layer;     /* NULL: none */
  const struct heap_layer *own_layer; /* the cache's, or NULL: in 'layer' while
                                         no other layer is */
  struct debug *debug;                /* NULL: the heap is not checked */
  struct watch *watch;                /* NULL: the heap is not watched */
  pym_geometry geometry;
  unsigned arena_shift;
  size_t class_count;

  struct arena_object *arenas;
  size_t maxarenas;                          /* slots in the vector */
  struct arena_object *unused_arena_objects; /* through nextarena */
  struct arena_order order;                  /* usable_arenas */
  size_t narenas_currently_allocated;
  size_t ntimes_arena_allocated;
  size_t narenas_highwater;

  size_t max_arenas;     /* most arenas at one time */
  size_t allowed_arenas; /* arenas that may still be obtained; SIZE_MAX: any */
  bool loses_pool;       /* the next arenas have one pool fewer */
  size_t raw_blocks;     /* live blocks of the raw allocator */
  struct region region;
  struct medium *medium; /* spans of medium requests; NULL: there are none */
  pym_raw raw;

  /* the cache's memory */
  void **bin_slots;
  void **bin_lows[PYM_BIN_COUNT]; /* bottom of each bin */
  struct loan_source sources[PYM_BIN_COUNT];
  struct loan *loans; /* one for each pool; NULL: no pool can be lent */
  struct wide_bits_table wide_bits;
  size_t loan_count; /* records that can be read: those of the first pools */
  size_t loan_committed; /* records that are committed */
  size_t loan_limit;     /* records for which addresses are reserved */
  uint8_t *bin_sizes;    /* the memory of front.sizes */
  void *no_block; /* NULL: lies below the top of bin 0, which has no block */

  uint64_t no_link; /* 0: the one "free block" of every ring header */
  struct pool_header usedpools[]; /* ring headers, one a class */
};

/* The block freed last, which is in no bin of the cache yet; NULL: none. */
static inline void *heap_freed_last(const pym_heap *heap)
{
  return pym_front_owns(&heap->front, heap->front.freed_last)
             ? heap->front.freed_last
             : NULL;
}

/* The pool in which an address of the region lies. */
static inline struct pool_header *heap_pool_of(const pym_heap *heap,
                                               const void *address)
{
  return (struct pool_header *)((uintptr_t)address & heap->pool_mask);
}

/* The same as pym_class_bytes, inline. */
static inline size_t heap_class_bytes(const pym_heap *heap, size_t szidx)
{
  return (szidx + 1) << heap->alignment_shift;
}

/* The same as pym_class_of, inline and without a division. */
static inline ptrdiff_t heap_class_of(const pym_heap *heap, size_t bytes)
{
  return bytes - 1 < heap->geometry.threshold /* 0 wraps around */
             ? (ptrdiff_t)((bytes - 1) >> heap->alignment_shift)
             : -1;
}

/* The block size of a live block of the heap. */
static inline size_t heap_block_bytes(const pym_heap *heap, const void *address)
{
  return heap_class_bytes(heap, heap_pool_of(heap, address)->szidx);
}

/*
** Does a block keep its place when it is resized to 'bytes'? It does if it is
** large enough and more than three quarters of it stay in use.
*/
static inline bool heap_fits_in_place(uint64_t bytes, size_t block_bytes)
{
  return bytes <= block_bytes && 4 * bytes > 3 * block_bytes;
}

/* The slot of the region in which an address lies, with an arena or without. */
static inline size_t heap_slot_of(const pym_heap *heap, const void *address)
{
  return ((uintptr_t)address - heap->base) >> heap->arena_shift;
}

/* Does the address lie in the region? */
static inline bool heap_owns(const pym_heap *heap, const void *address)
{
  return heap_slot_of(heap, address) < heap->region.slot_count;
}

/* The open arena of a slot number, or NULL. */
static inline struct arena_object *heap_arena(const pym_heap *heap, size_t slot)
{
  return slot < heap->maxarenas && arena_is_open(&heap->arenas[slot])
             ? &heap->arenas[slot]
             : NULL;
}

/* The carved pool of an open arena in which any address lies, or NULL. */
struct pool_header *heap_find_pool(const pym_heap *heap, const void *address);

#endif
