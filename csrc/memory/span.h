/*
** A span is a run of pages cut into units of one size. A block is a run of
** units. Two bits for each unit stand in a record beside the span, so no block
** has a head.
**
**   +------+------+------+------+------+------+------+--- - -
**   | unit | unit | unit | unit | unit | unit | unit |
**   +------+------+------+------+------+------+------+--- - -
**    used    1      1      1      1      0      0      1
**    ends    0      1      0      1      0      0      0
**            block of 2    block of 2    free
**
** A block grows in place while the units behind it are free, and shrinks in
** place.
**
** [medium.spans]  each bit of 'ends' is of a used unit, each run of used units
**                 ends with one, and used_units is the number of used units
**
** Tested by spec/robustness/medium_spec.lua.
*/
#ifndef SPAN_H
#define SPAN_H

#include "base/base.h"

#define SPAN_WORDS ((size_t)16)
#define SPAN_UNITS (SPAN_WORDS * 64)
#define SPAN_BLOCK_UNITS ((size_t)64) /* of the largest block */

struct span {
  uint64_t used[SPAN_WORDS];
  uint64_t ends[SPAN_WORDS];
  uint32_t used_units;
  uint16_t longest; /* no free run is longer; SPAN_BLOCK_UNITS: no bound */
  bool has_pages;
};

/* Takes the first free run of 'units'. Returns its first unit, or SPAN_UNITS. */
size_t span_take(struct span *span, size_t units);

/* Gives the block back that begins at a unit. */
void span_give(struct span *span, size_t first);

/*
** Makes the block that begins at a unit one of 'units', in its place. false:
** the units behind it are not free.
*/
bool span_resize(struct span *span, size_t first, size_t units);

/* The units of the block that begins at a unit. */
size_t span_block_units(const struct span *span, size_t first);

/* Does a block begin at the unit? */
bool span_has_block(const struct span *span, size_t unit);

/* The number of blocks. */
size_t span_count_blocks(const struct span *span);

/* [medium.spans] of one span */
bool span_is_whole(const struct span *span);

#endif
