/*
** Telling the listeners of a heap, which are functions of Lua, what its watch
** has seen. A request of the binding is made in three steps:
**
**   binding_begin(L, heap, false);    is it a request of a listener?
**   ... pym_malloc ...                its events wait
**   binding_tell(L, index);           they are told; errors come out of here
*/
#ifndef TELLING_H
#define TELLING_H

#include "heap.h"
#include "watching.h"

void binding_begin_watched(lua_State *L, struct binding_watching *watching,
                           bool is_quiet);

/*
** A request is about to be made. The request of a listener is told to nobody,
** but that of a finalizer that interrupts a listener is; 'is_quiet': it is not
** told whoever makes it.
*/
static inline void binding_begin(lua_State *L, const struct binding_heap *heap,
                                 bool is_quiet)
{
  if (unlikely(heap->watching != NULL))
    binding_begin_watched(L, heap->watching, is_quiet);
}

/* Was the request begun last one that is told to nobody? */
static inline bool binding_is_quiet(const struct binding_heap *heap)
{
  return unlikely(heap->watching != NULL) && heap->watching->is_quiet;
}

/*
** A request is over: tells the listeners of the heap, or of the heap of the
** buffer, at 'index'. They may raise errors, and do anything to the heap and
** the stack.
*/
void binding_tell(lua_State *L, int index);

/* The functions that a binding adds to the table core.events. */
extern const luaL_Reg telling_functions[];

#endif
