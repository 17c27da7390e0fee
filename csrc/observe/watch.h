/*
** A watch tells a listener what one heap does. Around each step the heap says
** which records the step may touch and then what the step was; the watch
** compares each record with its copy and so finds what changed.
**
**   watch_pool(watch, pool);                       keeps a copy
**   block *taken = pool_pop(pool);                 the step
**   watch_tell_block(watch, EVENT_BLOCK_POP, taken);
**
** A heap that is not watched has no watch (NULL): its fast paths know nothing
** of all this, its slow paths test a pointer. A watched heap has no fast
** paths either: its layer (serve/watch_layer.h) numbers the requests.
**
** Tested by spec/unit/event_spec.lua.
*/
#ifndef WATCH_H
#define WATCH_H

#include "observe/event.h"
#include "state/heap.h"

#define WATCH_KEPT_MAX 12u

/* A record as it was. */
struct watch_kept {
  enum event_record record;
  const void *place;
  unsigned char copy[sizeof(pym_heap)];
};

struct watch {
  pym_heap *heap;
  uint64_t kinds; /* that are wanted */
  event_listener listen;
  void *context;
  const struct heap_layer *below; /* that was set before; NULL: none */
  unsigned kept_count;
  struct watch_kept kept[WATCH_KEPT_MAX];
  struct event event; /* the one to tell next */
};

/*
** {==================================================================
** What the heap calls. A watch that is NULL does nothing.
** ===================================================================
*/

/* Keeps a copy of a record that the next step may change; twice is once. */
void watch_keep(struct watch *watch, enum event_record record,
                const void *place);

/* The step is over: tells what changed, and forgets the copies. */
void watch_tell(struct watch *watch, enum event_kind kind,
                enum event_record about, const void *place);

/* The same for a step that makes, or ends, a pool or the link of a block. */
void watch_tell_birth(struct watch *watch, enum event_kind kind,
                      enum event_record about, const void *place);
void watch_tell_death(struct watch *watch, enum event_kind kind,
                      enum event_record about, const void *place);

/*
** Is there a watch? With PYMALLOC_UNWATCHED the answer is no at compile time:
** script/stepping measures with it how much the question costs.
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

/* A pool to be linked in front of its ring, or to be taken out of it. */
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
** An arena whose place in usable_arenas may change, as may the groups of its
** number of free pools and of 'was'.
*/
void watch_keep_order(struct watch *watch, const struct arena_object *arena,
                      size_t was);

static inline void watch_order(struct watch *watch,
                               const struct arena_object *arena, size_t was)
{
  if (unlikely(is_watched(watch)))
    watch_keep_order(watch, arena, was);
}

/* A pool that forgets its chain; an arena that takes its pools along. */
void watch_tell_chain(struct watch *watch, const struct pool_header *pool);
void watch_tell_pools(struct watch *watch, const struct arena_object *arena);

static inline void watch_forget_chain(struct watch *watch,
                                      const struct pool_header *pool)
{
  if (unlikely(is_watched(watch)))
    watch_tell_chain(watch, pool);
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
