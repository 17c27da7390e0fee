/*
** Makes, resizes and takes back the blocks of the callers of a checked heap.
** No link is followed before it has been checked. A function that finds damage
** changes nothing and leaves a report of misuse.
*/
#ifndef HOOKS_H
#define HOOKS_H

#include "debug/debug.h"

/* A new block for the caller, or NULL. */
void *hooks_make(struct debug *debug, size_t bytes, bool is_zeroed);

/* Resizes a live block; NULL: the block is as it was. */
void *hooks_resize(struct debug *debug, void *data, size_t bytes);

/* Takes a live block back: into the quarantine, or to the heap. */
void hooks_release(struct debug *debug, void *data);

/*
** Gives the block that was held the longest back to the heap; false: the block
** was written to or its links are damaged, and there is a report of misuse.
*/
bool hooks_drop_oldest(struct debug *debug);

#endif
