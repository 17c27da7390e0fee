/*
** The invariants of the blocks of a heap with debug hooks.
**
** [block.pads]  head and tail of every live block are as they were written
** [block.dead]  every byte of a block in quarantine is the dead byte of the
**               layout (guard_bytes.h)
**
** Tested by spec/unit/debug_spec.lua.
*/
#ifndef CHECK_BLOCKS_H
#define CHECK_BLOCKS_H

#include "check/check.h"

/* Checks every block; true for a heap without debug hooks. */
bool check_blocks(struct check *check);

#endif
