/*
** CPython hosted: its object and memory domains on a heap of ours.
**
**   PyObject_Malloc, PyMem_Malloc
**     -> debug hooks, where they are on
**       -> our heap             small requests
**         -> the owner before   what is too large (upstream.h), and all that it
**                               gave before we came (previous_allocator.h)
**
** Whose a block is, its address decides: outside of our region everything is
** the owner's. Everything here needs the interpreter's lock, as the domains
** themselves do.
*/
#ifndef HOST_H
#define HOST_H

#include "base/base.h"

#define HOST_ALIGNMENT 16u /* of blocks, that CPython counts on */

/*
** CPython's own arenas have 1 MiB. Finer ones can be given back sooner, and
** fewer pages that are not needed yet come back with one that was retained.
*/
#define HOST_ARENA_BYTES ((size_t)64 << 10)

/* Of released arenas, how much to keep: a page costs most when it is new. */
#define HOST_RETAIN_BYTES ((size_t)16 << 20)

/* What was asked for; only counted where host_install was told to. */
struct host_counts {
  uint64_t mallocs, callocs, reallocs, frees;
};

/*
** The options of a heap that is to host, but for 'raw'. The rules and the
** pools are those of CPython 3.11. There is no cache: CPython has lists of its
** own for what it frees most, and a cache measured slower (script/host-speed
** --host cache=8192).
*/
pym_options host_options(void);

/*
** Puts the object and memory domains on a heap with these options, whose
** 'raw' is of no account. With 'is_counting' every request is counted. NULL,
** or why it cannot be done, in a whole sentence.
*/
const char *host_install(pym_options options, bool is_counting);

/* The heap, or NULL where nothing is hosted. */
pym_heap *host_heap(void);

/* Is our heap still the one that serves objects, hooks around it or not? */
bool host_is_serving(void);

/* NULL where nobody counts. */
const struct host_counts *host_counts(void);

/* Blocks of the heap that are live; what the owner gave is not counted. */
size_t host_live_blocks(void);

#endif
