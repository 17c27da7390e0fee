/*
** A watch records the steps of one heap and calls a listener with an event for
** each. Before a step, the watch copies the records that the step may change.
** After the step, it compares each record with its copy to find what changed.
**
**   watch_pool(watch, pool);                           copies the header
**   block *taken = pool_pop(pool);                     the step
**   watch_tell_block(watch, EVENT_BLOCK_POP, taken);   compares
**
** An unwatched heap has no watch (NULL): its fast paths have no instruction for
** it, and its slow paths test a pointer. A watched heap does not use its fast
** paths: its layer (serve/watch_layer.h) numbers the requests.
**
** Tested by spec/unit/event_spec.lua.
*/
#ifndef WATCH_H
#define WATCH_H

#include "observe/event.h"
#include "state/heap.h"

#define WATCH_KEPT_MAX 12u

/* The copy of a record before a step. */
struct watch_kept {
  enum event_record record;
  const void *place;
  unsigned char copy[sizeof(pym_heap)];
};

struct watch {
  pym_heap *heap;
  uint64_t kinds; /* the set of kinds that the listener wants */
  event_listener listen;
  void *context;
  const struct heap_layer *below; /* the layer that was set before, or NULL */
  unsigned kept_count;
  struct watch_kept kept[WATCH_KEPT_MAX];
  struct event event; /* the next event */
};

/*
** {==================================================================
** Functions that the heap calls. The inline ones do nothing if the watch is
** NULL; the others must not be called then.
** ===================================================================
*/

/*
** Copies a record that the next step may change. Copying the same record twice
** before one watch_tell has no effect.
*/
void watch_keep(struct watch *watch, enum event_record record,
                const void *place);

/* Ends a step: calls the listener with the changes, and drops the copies. */
void watch_tell(struct watch *watch, enum event_kind kind,
                enum event_record about, const void *place);

/* The same for a step that makes or removes a pool, or the link of a block. */
void watch_tell_birth(struct watch *watch, enum event_kind kind,
                      enum event_record about, const void *place);
void watch_tell_death(struct watch *watch, enum event_kind kind,
                      enum event_record about, const void *place);

/*
** Is there a watch? With PYMALLOC_UNWATCHED the answer is no at compile time:
** script/stepping measures with it what this test costs.
*/
static inline bool is_watched(const struct watch *watch)
{
#ifdef PYMALLOC_UNWATCHED
  (void)watch;
  return false;
#else
  return watch != NULL;
#endif
}

static inline void watch_heap(struct watch *watch)
{
  if (unlikely(is_watched(watch)))
    watch_keep(watch, EVENT_OF_HEAP, watch->heap);
}

static inline void watch_pool(struct watch *watch,
                              const struct pool_header *pool)
{
  if (unlikely(is_watched(watch)))
    watch_keep(watch, EVENT_OF_POOL, pool);
}

/*
** Copies the records that change when a pool is linked at the front of its
** ring, or is taken out of it.
*/
void watch_keep_ring(struct watch *watch, const struct pool_header *pool);
void watch_keep_neighbours(struct watch *watch, const struct pool_header *pool);

static inline void watch_ring(struct watch *watch,
                              const struct pool_header *pool)
{
  if (unlikely(is_watched(watch)))
    watch_keep_ring(watch, pool);
}

static inline void watch_neighbours(struct watch *watch,
                                    const struct pool_header *pool)
{
  if (unlikely(is_watched(watch)))
    watch_keep_neighbours(watch, pool);
}

static inline void watch_arena(struct watch *watch,
                               const struct arena_object *arena)
{
  if (unlikely(is_watched(watch)))
    watch_keep(watch, EVENT_OF_ARENA, arena);
}

/*
** Copies the records that change when an arena moves in usable_arenas: the
** arena, its neighbours, and the groups of its number of free pools and of
** 'was'.
*/
void watch_keep_order(struct watch *watch, const struct arena_object *arena,
                      size_t was);

static inline void watch_order(struct watch *watch,
                               const struct arena_object *arena, size_t was)
{
  if (unlikely(is_watched(watch)))
    watch_keep_order(watch, arena, was);
}

/*
** Tell the details: the free blocks of a pool that loses its chain, and the
** pools of an arena that is released.
*/
void watch_tell_chain(struct watch *watch, const struct pool_header *pool);
void watch_tell_pools(struct watch *watch, const struct arena_object *arena);

static inline void watch_forget_chain(struct watch *watch,
                                      const struct pool_header *pool)
{
  /* GCOVR_EXCL_BR_START: its caller, supply_pool, serves only heaps that are
     watched: others take a block of supply_unset_pool's pool */
  if (unlikely(is_watched(watch)))
    watch_tell_chain(watch, pool);
  /* GCOVR_EXCL_BR_STOP */
}

static inline void watch_forget_pools(struct watch *watch,
                                      const struct arena_object *arena)
{
  if (unlikely(is_watched(watch)))
    watch_tell_pools(watch, arena);
}

static inline void watch_tell_heap(struct watch *watch, enum event_kind kind)
{
  if (unlikely(is_watched(watch)))
    watch_tell(watch, kind, EVENT_OF_HEAP, watch->heap);
}

static inline void watch_tell_arena(struct watch *watch, enum event_kind kind,
                                    const struct arena_object *arena)
{
  if (unlikely(is_watched(watch)))
    watch_tell(watch, kind, EVENT_OF_ARENA, arena);
}

static inline void watch_tell_pool(struct watch *watch, enum event_kind kind,
                                   const struct pool_header *pool)
{
  if (unlikely(is_watched(watch)))
    watch_tell(watch, kind, EVENT_OF_POOL, pool);
}

static inline void watch_tell_carved(struct watch *watch, enum event_kind kind,
                                     const struct pool_header *pool)
{
  if (unlikely(is_watched(watch)))
    watch_tell_birth(watch, kind, EVENT_OF_POOL, pool);
}

/* A step that changes a block's pool, but not its link. */
static inline void watch_tell_block(struct watch *watch, enum event_kind kind,
                                    const block *about)
{
  if (unlikely(is_watched(watch)))
    watch_tell(watch, kind, EVENT_OF_BLOCK, about);
}

static inline void watch_tell_freed(struct watch *watch, enum event_kind kind,
                                    const block *freed)
{
  if (unlikely(is_watched(watch)))
    watch_tell_birth(watch, kind, EVENT_OF_BLOCK, freed);
}

static inline void watch_tell_taken(struct watch *watch, enum event_kind kind,
                                    const block *taken)
{
  if (unlikely(is_watched(watch)))
    watch_tell_death(watch, kind, EVENT_OF_BLOCK, taken);
}

/* }================================================================== */

#endif
