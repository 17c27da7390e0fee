/*
** A state as a number of 64 bits: the FNV-1a hash of its dump. Two states with
** different hashes are different. Two states with the same hash are equal only
** if their dumps are: compare these.
**
** Tested by spec/unit/run_spec.lua.
*/
#ifndef STATE_HASH_H
#define STATE_HASH_H

#include "state/heap.h"

/* The hash of the state in which the heap is now. */
uint64_t state_hash(const pym_heap *heap);

#endif
