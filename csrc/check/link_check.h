/*
** Validated links: before a request of a checked heap is served, every link
** that it will follow is looked at. It has to lead into a carved pool, on a
** block boundary, below nextoffset; lists have to agree in both directions.
**
** Tested by spec/unit/checked_spec.lua.
*/
#ifndef LINK_CHECK_H
#define LINK_CHECK_H

#include "check/check.h"

/*
** May a block of this class be taken? '*candidate' receives the one that would
** be handed out, or NULL where it would be a virgin one.
*/
bool link_check_may_take(struct check *check, size_t szidx,
                         const block **candidate);

/* May an address be given back? Yes for those outside the region. */
bool link_check_may_give(struct check *check, const block *freed);

#endif
