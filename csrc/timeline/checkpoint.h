/*
** A checkpoint is the whole state of a heap, copied so that the heap can be
** put back into it: its record, the arenas vector, and of every carved pool
** the header and the free chain. Blocks are not copied: what a live one holds
** is its owner's.
**
**   | heap, usedpools | slots | groups | header chain | header chain | ...
**
** It fits only the heap it was taken from, and only one whose memory stays
** where it is: the vector does not move, and slots that were committed once
** stay so. A timeline (timeline.h) gives its heap such memory.
**
** Tested by spec/unit/run_spec.lua.
*/
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "state/heap.h"

struct checkpoint {
  unsigned char *bytes;
  size_t filled, capacity;
};

/* Copies the state into an empty or an older checkpoint. false: no memory. */
bool checkpoint_take(struct checkpoint *checkpoint, const pym_heap *heap);

/* Puts the heap back; its layer and its watch stay as they are now. */
void checkpoint_restore(const struct checkpoint *checkpoint, pym_heap *heap);

/* Gives the copy back; the checkpoint is then empty. */
void checkpoint_drop(struct checkpoint *checkpoint);

#endif
