/*
** The arenas of the CPython in this process. CPython obtains them from an arena
** allocator that can be replaced (PyObject_SetArenaAllocator). The one in this
** file stands in front of CPython's own, and so knows the address of each arena
** that is obtained or released.
**
**   mapped   CPython's own arena allocator serves. All arenas must have the same
**            number of pools, so all must be aligned as pools are, or none, as
**            the arena that was mapped first for a trial. Another one is
**            exchanged for one with the offset of that arena. With 'is_mixed',
**            arenas of both kinds stay as they were mapped.
**   placed   slot i lies at base + i * arena_bytes + offset, as in a heap of
**            this library, so that stale links in headers can be compared too.
**
** The arena allocator also serves chunks that are not arenas: these have another
** size.
*/
#ifndef ARENAS_H
#define ARENAS_H

#include "headers.h"

/* PyObjectArenaAllocator, as in Python's headers from 3.4 on. */
struct arena_source {
  void *context;
  void *(*alloc)(void *context, size_t bytes);
  void (*free)(void *context, void *chunk, size_t bytes);
};

/* Functions to be called when an arena is obtained or released. */
struct arenas_watch {
  void *context;
  /* its slot is not known yet; by 'offset' it misses the alignment of pools */
  void (*obtained)(void *context, size_t offset);
  void (*released)(void *context, size_t slot);
};

struct arenas {
  struct arena_source own; /* CPython's own arena allocator */
  struct arenas_watch watch;
  size_t arena_bytes, pool_bytes;

  uintptr_t *addresses; /* of the live arenas, ascending */
  size_t count, capacity;
  size_t obtained, released, exchanged;
  size_t allowed; /* arenas that may still be obtained; SIZE_MAX: any */
  size_t offset;  /* by which arenas miss the alignment of pools */
  bool is_mixed;  /* mapped: each one by its own; no arena is exchanged */

  uintptr_t base;   /* placed: address of slot 0; else 0 */
  uint32_t *unused; /* placed: released slots, the one released last on top */
  size_t unused_count, touched_count;
};

/*
** Puts itself in front of CPython's arena allocator, before the first request.
** The sizes are those of CPython's arenas and pools. 'offset' SIZE_MAX means
** mapped; another one, a multiple of the page size below the size of a pool,
** means placed with that offset. Returns false if there are no addresses or no
** memory.
*/
bool arenas_open(struct arenas *arenas, size_t arena_bytes, size_t pool_bytes,
                 size_t offset);

/*
** What CPython's calls come to; a CPython 2.7 cannot be told to make them. Chunks
** of another size than an arena's are CPython's own.
*/
void *arenas_obtain(struct arenas *arenas, size_t bytes);
void arenas_release(struct arenas *arenas, void *chunk, size_t bytes);

/* Finds where in a live arena an address lies; false if it lies in none. */
bool arenas_locate(const struct arenas *arenas, const void *address,
                   pym_location *place);

/* Slot of the index-th live arena, in the order of addresses. */
size_t arenas_slot(const struct arenas *arenas, size_t index);

/* The address of the live arena of a slot, or 0. */
uintptr_t arenas_find(const struct arenas *arenas, size_t slot);

/* The index-th pool of an arena if it was ever carved, else NULL. */
const struct pool_header *arenas_pool(const struct arenas *arenas,
                                      uintptr_t arena, size_t index);

#endif
