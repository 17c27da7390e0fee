/*
** Checks links before they are followed. Before a checked heap serves a
** request, each link between blocks or pools that the request will follow is
** checked: it must lead to a block boundary of a carved pool, below nextoffset,
** and a list must have the same links in both directions. The links between
** arena objects are not checked: they lie in the arenas vector, next to no
** block.
**
** Tested by spec/unit/checked_spec.lua.
*/
#ifndef LINK_CHECK_H
#define LINK_CHECK_H

#include "check/check.h"

/*
** May a block of this class be taken? '*candidate' receives the block that
** would be taken, or NULL if that is a virgin block.
*/
bool link_check_may_take(struct check *check, size_t szidx,
                         const block **candidate);

/* May a block be given back? Always true for blocks outside the region. */
bool link_check_may_give(struct check *check, const block *freed);

#endif
