/*
** A budget stands below a heap and limits the memory that the heap takes: raw
** bytes and bytes of committed pages together. A request that would pass the
** limit is refused, as if the system had no memory. Each raw block has a head
** in front of it that stores its size; the head itself is not counted.
**
** A heap with a budget uses no large pages: 'large' may make more memory usable
** than is committed, which the budget does not count.
*/
#ifndef BUDGET_H
#define BUDGET_H

#include "base/base.h"

struct budget {
  size_t used_bytes, max_bytes;
  pym_raw raw;     /* serves the requests that the budget allows */
  pym_pages pages; /* the same for pages */
};

/*
** Makes a budget of 'options->max_bytes' and puts it between the heap to be
** made with these options and the raw allocator and pages that they name.
*/
void budget_stand_below(struct budget *budget, pym_options *options);

/* The budget behind a raw allocator, or NULL if it has none. */
struct budget *budget_of(const pym_raw *raw);

#endif
