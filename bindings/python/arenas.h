/*
** The arenas of the CPython in this process. Its allocator asks a source for
** them that anybody may replace (PyObject_SetArenaAllocator); standing in
** front of it we see each arena come and go, at its exact address.
**
**   mapped   CPython's own source serves. All arenas miss the alignment of
**            pools alike: one that does not is exchanged for one that does.
**   placed   slot i lies at base + i * arena_bytes + offset, as in a heap of
**            ours, so that even the stale links of headers can be compared.
**
** The source also serves chunks that are no arenas: their size tells.
*/
#ifndef ARENAS_H
#define ARENAS_H

#include "headers.h"

#define REAL_ARENA_BYTES ((size_t)1 << 20)
#define REAL_POOL_BYTES ((size_t)16 << 10)
#define REAL_ALIGNMENT 16u

/* What a watcher of arenas is told. */
struct arenas_watch {
  void *context;
  void (*obtained)(void *context); /* its slot is not known yet */
  void (*released)(void *context, size_t slot);
};

struct arenas {
  void *own_context; /* CPython's own source */
  void *(*own_alloc)(void *context, size_t bytes);
  void (*own_free)(void *context, void *chunk, size_t bytes);
  struct arenas_watch watch;

  uintptr_t *addresses; /* of the live ones, ascending */
  size_t count, capacity;
  size_t obtained, released, exchanged;
  size_t allowed; /* that may still be obtained; SIZE_MAX: any */
  size_t offset;  /* by which they miss the alignment of pools */

  uintptr_t base;   /* placed: of slot 0; else 0 */
  uint32_t *unused; /* placed: slots that were released, the last on top */
  size_t unused_count, touched_count;
};

/*
** Stands in front of CPython's source of arenas, before its first request.
** 'offset' SIZE_MAX: mapped; else placed, with that offset, a multiple of the
** page size below REAL_POOL_BYTES. false: no addresses or memory for it.
*/
bool arenas_open(struct arenas *arenas, size_t offset);

/* Where a live arena's address lies; false where it lies in none. */
bool arenas_locate(const struct arenas *arenas, const void *address,
                   pym_location *place);

/* Slot of the index-th live arena, in the order of addresses. */
size_t arenas_slot(const struct arenas *arenas, size_t index);

/* The address of the live arena of a slot, or 0. */
uintptr_t arenas_find(const struct arenas *arenas, size_t slot);

/* The index-th pool of an arena if it was ever carved, else NULL. */
const struct pool_header *arenas_pool(uintptr_t arena, size_t index);

#endif
