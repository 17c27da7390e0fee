/*
** A raw allocator that remembers its blocks, so that whoever ends a heap can
** free those still live. Each block has its link in front of it:
**
**   ring <-> | link | block ... |  <-> | link | block ... |  <-> ring
*/
#ifndef TRACKED_H
#define TRACKED_H

#include "pymalloc.h"

struct tracked_link {
  struct tracked_link *previous, *next;
};

struct tracked {
  pym_raw below;            /* gets every request, a link larger */
  struct tracked_link ring; /* of all live blocks */
};

/* Starts with no block; 'tracked' must not move while the result is in use. */
pym_raw tracked_open(struct tracked *tracked, const pym_raw *below);

/* Frees every live block. */
void tracked_free_all(struct tracked *tracked);

#endif
