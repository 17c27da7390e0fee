/*
** Calls the listeners of a heap, which are Lua functions, with the events of a
** request. The binding makes a request in three steps:
**
**   binding_begin(L, heap, false);    is it a request of a listener?
**   ... pym_malloc ...                its events are kept
**   binding_tell(L, index);           calls the listeners; raises their errors
*/
#ifndef TELLING_H
#define TELLING_H

#include "heap.h"
#include "watching.h"

void binding_begin_watched(lua_State *L, struct binding_watching *watching,
                           bool is_quiet);

/*
** To be called before a request. Listeners are not told of a request that a
** listener makes, but are told of one that a finalizer makes which interrupts a
** listener. If 'is_quiet' is true, they are not told in any case.
*/
static inline void binding_begin(lua_State *L, const struct binding_heap *heap,
                                 bool is_quiet)
{
  if (unlikely(heap->watching != NULL))
    binding_begin_watched(L, heap->watching, is_quiet);
}

/* Is the request that was begun last one of which no listener is told? */
static inline bool binding_is_quiet(const struct binding_heap *heap)
{
  return unlikely(heap->watching != NULL) && heap->watching->is_quiet;
}

/*
** To be called after a request: calls the listeners of the heap at 'index', or
** of the heap of the buffer at 'index'. They may raise errors, and do anything
** to the heap and the stack.
*/
void binding_tell(lua_State *L, int index);

/* The functions that a binding adds to the table core.events. */
extern const luaL_Reg telling_functions[];

#endif
