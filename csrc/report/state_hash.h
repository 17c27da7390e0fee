/*
** A state in 64 bits: the FNV-1a hash of its dump. Two states with different
** hashes differ; to prove that two are equal compare the dumps.
**
** Tested by spec/unit/run_spec.lua.
*/
#ifndef STATE_HASH_H
#define STATE_HASH_H

#include "state/heap.h"

uint64_t state_hash(const pym_heap *heap);

#endif
