/*
** A checkpoint is a copy of the whole state of a heap, from which that state
** can be restored: the heap's record, the arenas vector, and the header and
** the free chain of every carved pool. The bytes of live blocks are not
** copied, because they are not the allocator's.
**
**   | heap, usedpools | slots | groups | header chain | header chain | ...
**
** A checkpoint can only be restored into the heap from which it was taken, and
** only if the memory of that heap stays where it is: the arenas vector does
** not move, and committed slots stay committed. A timeline gives its heap such
** memory (timeline_memory.h).
**
** Tested by spec/unit/run_seek_spec.lua.
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

/* Restores the heap's state. Its layer and its watch stay as they are now. */
void checkpoint_restore(const struct checkpoint *checkpoint, pym_heap *heap);

/* Frees the copy. The checkpoint is then empty. */
void checkpoint_drop(struct checkpoint *checkpoint);

#endif
