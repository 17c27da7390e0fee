/*
** Hosts CPython: puts its object and memory domains on a heap of this library.
**
**   PyObject_Malloc, PyMem_Malloc
**     -> debug hooks, if they are on
**       -> the heap                   small requests
**         -> the previous allocator   large requests (upstream.h), and blocks
**                                     that it allocated before the heap was
**                                     installed (previous_allocator.h)
**
** The address of a block tells which allocator it belongs to: every block
** outside the heap's region belongs to the previous allocator. All functions
** need the interpreter's lock, as the domains themselves do.
*/
#ifndef HOST_H
#define HOST_H

#include "base/base.h"

#define HOST_ALIGNMENT 16u /* the alignment of blocks that CPython needs */

/*
** CPython's own arenas have 1 MiB. Smaller arenas become wholly free sooner,
** and a retained one brings fewer pages that are not needed yet. But Linux
** gives 256 KiB back in less time than 64 KiB where it has to invalidate single
** pages for the latter, as it does for up to 33 pages on x86.
*/
#define HOST_ARENA_BYTES ((size_t)256 << 10)

/* The bytes of released arenas to retain: the first use of a page is slow. */
#define HOST_RETAIN_BYTES ((size_t)16 << 20)

/* Requests, counted if host_install was told to. */
struct host_counts {
  uint64_t mallocs, callocs, reallocs, frees;
};

/*
** The options of a hosting heap, all but 'raw'. The rules and the pools are
** those of CPython 3.11. There is no cache: CPython has free lists of its own
** for the objects that it frees most, and with a cache it was measured to be
** slower (script/host-speed --host cache=8192).
*/
pym_options host_options(void);

/*
** Puts the object and memory domains on a heap with these options; 'raw' is
** not used. With 'is_counting' every request is counted. Returns NULL, or a
** sentence that says why it cannot be done.
*/
const char *host_install(pym_options options, bool is_counting);

/* The heap, or NULL if nothing is hosted. */
pym_heap *host_heap(void);

/* Does the heap still serve objects, with debug hooks around it or without? */
bool host_is_serving(void);

/* The counts, or NULL if requests are not counted. */
const struct host_counts *host_counts(void);

/*
** The number of live blocks of the heap, without those of the previous
** allocator; 0 if nothing is hosted.
*/
size_t host_live_blocks(void);

#endif
