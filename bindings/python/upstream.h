/*
** What our heap stands on: the owner before us, and room made for its blocks.
**
** Pages of released arenas are retained for the next ones. They would show in
** the peak of resident memory where it is the owner's blocks that grow next:
** so whatever these grow by goes back to the system first.
**
**   a new large block     grows by all of its bytes
**   one that is resized   by an eighth, as CPython's lists and buffers are
**   a new smaller block   by its bytes, if there are now more blocks than
**                         there were when arenas were last released
*/
#ifndef UPSTREAM_H
#define UPSTREAM_H

#include "base/base.h"

struct upstream {
  pym_raw previous;
  pym_heap *heap;         /* NULL while it is made */
  size_t seen_retained;   /* arenas, at the last look */
  size_t most_raw_blocks; /* since arenas were last released */
  size_t owed_bytes;      /* growth that no page went back for yet */
};

/* For the options of the heap; its context is 'upstream'. */
pym_raw upstream_as_raw(struct upstream *upstream);

#endif
