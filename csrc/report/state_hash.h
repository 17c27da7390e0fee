/*
** Reduces the state of a heap to 64 bits: the FNV-1a hash of its dump. If two
** hashes differ, the states differ. If they are equal, the states are probably
** equal; a comparison of the dumps is certain.
**
** Tested by spec/unit/run_seek_spec.lua.
*/
#ifndef STATE_HASH_H
#define STATE_HASH_H

#include "state/heap.h"

/* The hash of the state in which the heap is now. */
uint64_t state_hash(const pym_heap *heap);

#endif
