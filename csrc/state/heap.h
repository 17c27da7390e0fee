/*
** A heap is one independent allocator: all of its state hangs on it.
**
**   usedpools            per size class, a ring of its used pools
**   usable_arenas        arenas with a free pool, the fullest first
**   unused_arena_objects slots of the arenas vector without an arena
**
** malloc  the first used pool of the class gives a block; without one, the
**         fullest usable arena gives a pool; without one, a new arena; and
**         where none can be had, raw serves the request after all.
** free    the block goes on its pool's chain; a pool that was full comes
**         back to the front of its ring, one that is empty goes to its
**         arena; an arena that is all free goes back by the release rule.
**
** Each ring in usedpools hangs on a header that looks like a pool whose only
** free block has no successor. So the fast path has one branch: a link that
** is not NULL means a used pool that stays used. All else is in the slow
** paths, to which 'fast_threshold' 0 and 'fast_span' 0 send every request.
**
** [used.members]     usedpools[c] holds exactly the used pools of class c
** [used.links]       nextpool and prevpool agree
** [unused.members]   unused_arena_objects holds exactly the closed slots
** [arenas.counters]  current <= highwater <= total; current == open slots
** [arenas.release]   no arena is all free, where the rule is "at once"
** [region.place]     slot i lies at base + i * arena_bytes + arena_offset
**
** Taught in lesson 8; tested by spec/unit/heap_spec.lua.
*/
#ifndef HEAP_H
#define HEAP_H

#include "state/order.h"
#include "pymalloc_inline.h"
#include "memory/region.h"

struct debug;
struct watch;

#define INITIAL_ARENA_OBJECTS 16u
#define CACHE_BLOCKS_MAX ((size_t)1 << 12) /* in one bin */

/*
** What a layer above puts in front of a heap's requests, debug hooks for
** instance. Each function ends in the heap_ function of the same name. The
** last two may be NULL; they are called when the layer comes and goes.
*/
struct heap_layer {
  void *(*malloc)(pym_heap *heap, size_t bytes);
  void *(*calloc)(pym_heap *heap, size_t count, size_t bytes);
  void *(*realloc)(pym_heap *heap, void *old, size_t bytes);
  void (*free)(pym_heap *heap, void *freed);
  void (*free_sized)(pym_heap *heap, void *freed, size_t bytes);
  void (*enter)(pym_heap *heap);
  void (*leave)(pym_heap *heap);
};

struct pym_heap {
  struct pym_front front; /* the cache's part of the fast paths */

  /* what the fast paths read */
  size_t fast_threshold; /* requests up to here may be fast */
  unsigned alignment_shift;
  uintptr_t pool_mask; /* address & pool_mask: its pool */
  uintptr_t base;      /* the region's */
  size_t fast_span;    /* frees below base + fast_span may be fast */

  const struct heap_layer *layer;     /* NULL: none */
  const struct heap_layer *own_layer; /* when no other is set: the cache */
  struct debug *debug;                /* NULL: the heap is not checked */
  struct watch *watch;                /* NULL: nobody listens */
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

  size_t max_arenas;     /* at once */
  size_t allowed_arenas; /* that may still be obtained; SIZE_MAX: any */
  size_t raw_blocks;     /* live blocks that raw serves */
  struct region region;
  pym_raw raw;

  /* the cache's memory */
  void **bin_slots;
  void **bin_lows[PYM_BIN_COUNT]; /* bottom of each bin */
  uint8_t *bin_sizes;             /* what front.sizes shows */
  size_t bin_sizes_bytes;
  void *no_block; /* NULL: the top of bin 0 */

  block *no_link; /* NULL: the one "free block" of every ring header */
  struct pool_header usedpools[]; /* ring headers, one a class */
};

/* The requests as the exact heap serves them, whatever layer is above. */
void *heap_malloc(pym_heap *heap, size_t bytes);
void *heap_calloc(pym_heap *heap, size_t count, size_t bytes);
void *heap_realloc(pym_heap *heap, void *old, size_t bytes);
void heap_free(pym_heap *heap, void *freed);

/*
** Takes up to 'most' blocks of one pool, as so many requests would, and
** stores them with the first one last. 0: no pool can be had.
*/
size_t heap_take_blocks(pym_heap *heap, size_t szidx, void **blocks,
                        size_t most);

/* Takes back blocks of the region, as so many frees would. */
void heap_give_blocks(pym_heap *heap, void *const *blocks, size_t count);

/*
** Puts a layer in front of the heap's requests; NULL: takes it away, and the
** heap's cache, if it has one, is back.
*/
void heap_set_layer(pym_heap *heap, const struct heap_layer *layer);

/* The pool in which an address of the region lies. */
static inline struct pool_header *heap_pool_of(const pym_heap *heap,
                                               const void *address)
{
  return (struct pool_header *)((uintptr_t)address & heap->pool_mask);
}

/* pym_class_bytes, without a call. */
static inline size_t heap_class_bytes(const pym_heap *heap, size_t szidx)
{
  return (szidx + 1) << heap->alignment_shift;
}

/* pym_class_of, without a call or a division. */
static inline ptrdiff_t heap_class_of(const pym_heap *heap, size_t bytes)
{
  return bytes - 1 < heap->geometry.threshold /* 0 wraps around */
             ? (ptrdiff_t)((bytes - 1) >> heap->alignment_shift)
             : -1;
}

/* The bytes of the block that a live address of the heap is. */
static inline size_t heap_block_bytes(const pym_heap *heap, const void *address)
{
  return heap_class_bytes(heap, heap_pool_of(heap, address)->szidx);
}

/* Do more than three quarters of a block that is large enough stay in use? */
static inline bool heap_fits_in_place(size_t bytes, size_t block_bytes)
{
  return bytes <= block_bytes && 4 * bytes > 3 * block_bytes;
}

/* The arena in whose slot an address of the region lies, open or not. */
static inline size_t heap_slot_of(const pym_heap *heap, const void *address)
{
  return ((uintptr_t)address - heap->base) >> heap->arena_shift;
}

/* Does the address lie in the region, whatever is there? */
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
