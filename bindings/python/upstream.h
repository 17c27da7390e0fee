/*
** The raw allocator of the hosting heap: it passes requests on to the previous
** allocator, and first gives retained pages to the system.
**
** A heap retains the pages of released arenas for the next arenas. If the
** blocks of the previous allocator grow instead, both would add to the peak of
** resident memory. So as many bytes of retained pages as these blocks grow by
** go back to the system first:
**
**   a large new block      all of its bytes
**   a resized large block  an eighth, as CPython's lists and buffers grow
**   a smaller new block    its bytes, if there are now more raw blocks than
**                          there were when an arena was last released
*/
#ifndef UPSTREAM_H
#define UPSTREAM_H

#include "base/base.h"

struct upstream {
  pym_raw previous;
  pym_heap *heap;         /* NULL while it is made */
  size_t seen_retained;   /* retained arenas when they were last counted */
  size_t most_raw_blocks; /* the most since an arena was last released */
  size_t owed_bytes;      /* growth for which no page has gone back yet */
  size_t ahead_bytes;     /* gone back before the growth, as part of an arena */
};

/* The raw allocator for the heap's options. Its context is 'upstream'. */
pym_raw upstream_as_raw(struct upstream *upstream);

#endif
