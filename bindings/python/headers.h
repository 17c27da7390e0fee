/*
** Writes the headers of pools as text. One function reads those of CPython and
** those of this library from memory: their layout is the same.
**
**   pool 0:16384 count=3 freeblock=112 nextpool=ring:3 prevpool=0:0
**        arenaindex=0 szidx=3 nextoffset=368 maxnextoffset=16320 free 112 48
**
** (in one line). A link is a place, the ring header of a class, or '-' for
** NULL. The links of a pool that is on no list, and prevpool of an empty pool,
** are stale: the allocator does not maintain them. They are written only if
** 'tells_stale' is true, that is, if the places of released arenas are known
** too; else '~' stands there.
*/
#ifndef HEADERS_H
#define HEADERS_H

#include "base/writer.h"
#include "state/pool.h"

/* The addresses of one side. */
struct headers_side {
  const void *context;
  /* finds where an address lies; false if it lies in no arena */
  bool (*locate)(const void *context, const void *address, pym_location *place);
  uintptr_t rings;   /* address of the ring header of class 0 */
  size_t ring_bytes; /* from one ring header to the next */
  bool tells_stale;  /* 'locate' finds places of released arenas too */
};

/* Writes the line of one carved pool. */
void headers_write(struct writer *writer, const struct headers_side *side,
                   const struct pool_header *pool);

/*
** Writes the lines of all carved pools of a heap of this library. Returns their
** number.
*/
size_t headers_of_heap(struct writer *writer, const pym_heap *heap,
                       bool tells_stale);

#endif
