/*
** The allocator that served CPython's object and memory domains before the
** hosting heap. The heap passes on to it:
**
**   previous allocator          new large blocks    blocks allocated before
**   pymalloc with live blocks   the raw domain      pymalloc, which tells its
**                                                   own by their address
**   pymalloc without any        the raw domain      there are none
**   another, such as malloc     that one            that one
**
** Large blocks go to the raw domain directly, because pymalloc would pass them
** on to it anyway.
*/
#ifndef PREVIOUS_ALLOCATOR_H
#define PREVIOUS_ALLOCATOR_H

#include "base/base.h"

/*
** Finds the allocator of both domains, without the debug hooks in front of it.
** '*is_debug' tells if there are such hooks; they then belong in front of the
** heap too. Returns NULL, or a sentence that says why there is no allocator of
** both domains.
*/
const char *previous_allocator_find(pym_raw *previous, bool *is_debug);

#endif
