/*
** Pages whose calls are counted: each reservation of addresses, commit and
** decommit, and each piece of advice on large pages. Each is one or a few calls
** of the system. The end of a reservation, which ends the heap, is not counted.
*/
#ifndef COUNTED_PAGES_H
#define COUNTED_PAGES_H

#include "base/base.h"

struct counted_pages {
  pym_pages pages; /* serve the calls */
  uint64_t calls;
};

/*
** Puts the count between the heap to be made with these options and its pages.
*/
void counted_pages_stand_below(struct counted_pages *counted,
                               pym_options *options);

#endif
