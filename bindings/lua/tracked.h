/*
** A raw allocator that keeps its live blocks in a list, so that they can be
** freed with the heap. Each block has a link in front of it:
**
**   ring <-> | link | block ... |  <-> | link | block ... |  <-> ring
*/
#ifndef TRACKED_H
#define TRACKED_H

#include <stdalign.h>

#include "pymalloc.h"

/* As large as the alignment that malloc promises, so that blocks keep it. */
struct tracked_link {
  alignas(16) struct tracked_link *previous;
  struct tracked_link *next;
};

struct tracked {
  pym_raw below;            /* serves the requests, with a link added to each */
  struct tracked_link ring; /* of all live blocks */
};

/* Starts with no block. 'tracked' must not move while the result is in use. */
pym_raw tracked_open(struct tracked *tracked, const pym_raw *below);

/* Frees every live block. */
void tracked_free_all(struct tracked *tracked);

#endif
