/*
** The bits of wide loans: those of pools with more blocks than a record has
** bits for (state/loan.h).
**
**        |<--------- count --------->|
**   +-------+-------+-------+-------+------- - - -+-------- - - - -+
**   | used  | free  | used  | free  | never used  | addresses only |
**   +-------+---|---+-------+---|---+------- - - -+-------- - - - -+
**   ^           +--- next --->  +-> NULL          ^
**   start                                         committed
**
** A wide loan takes bits when it begins and gives them back when it ends. The
** bits that were given back last are taken first, so that the used ones are on
** few pages.
**
** Tested by spec/unit/wide_bits_spec.lua and
** spec/robustness/loans_memory_spec.lua.
*/
#ifndef WIDE_BITS_H
#define WIDE_BITS_H

#include "state/loan.h"

/*
** Reserves addresses for the bits of all loans. If the system refuses them, no
** pool can be a wide loan.
*/
void wide_bits_open(pym_heap *heap);

/* Frees what wide_bits_open reserved. */
void wide_bits_close(pym_heap *heap);

/* Makes free bits, if there are none. false: there is no memory. */
bool wide_bits_obtain(pym_heap *heap);

/* Takes free bits, of which there must be some, for a loan. */
struct wide_bits *wide_bits_take(pym_heap *heap, struct loan *owner);

/* Makes the bits of a loan free. */
void wide_bits_give(pym_heap *heap, struct wide_bits *bits);

/* Gives back the chunks above the last used bits. */
void wide_bits_trim(pym_heap *heap);

#endif
