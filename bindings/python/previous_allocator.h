/*
** Who served CPython's object and memory domains before us. A heap of ours
** stands on it:
**
**                               large blocks        blocks from before
**   pymalloc with live blocks   the raw domain      pymalloc; its raw domain's
**                                                   are told by their address
**   pymalloc without any        the raw domain      there are none
**   another, malloc for one     that one            that one
**
** pymalloc itself sends what is too large for it to the raw domain; so that
** is where it would end, without asking twice whose an address is.
*/
#ifndef PREVIOUS_ALLOCATOR_H
#define PREVIOUS_ALLOCATOR_H

#include "base/base.h"

/*
** Finds the owner of both domains. '*is_debug': debug hooks stand in front of
** it, which are looked through, and are to stand in front of us. NULL, or why
** nobody can own for both, in a whole sentence.
*/
const char *previous_allocator_find(pym_raw *previous, bool *is_debug);

#endif
