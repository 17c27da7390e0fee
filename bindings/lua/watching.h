/*
** Listeners of heaps, which are told of events when a request is over.
*/
#ifndef BINDING_WATCHING_H
#define BINDING_WATCHING_H

#include "heap.h"

/* A request is over: tells the listeners of the heap, who may raise errors. */
void binding_tell_watched(lua_State *L, const struct binding_heap *heap);

static inline void binding_tell(lua_State *L, const struct binding_heap *heap)
{
  if (unlikely(heap->watching != NULL))
    binding_tell_watched(L, heap);
}

/* Nobody listens any more. */
void binding_end_watching(struct binding_heap *heap);

extern const luaL_Reg binding_watch_functions[];

#endif
