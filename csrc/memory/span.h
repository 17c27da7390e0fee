/*
** A span is a run of pages cut into units of one size. A block is a run of
** units. A record beside the span has a bit and a byte for each unit, so no
** block has a head.
**
**   +------+------+------+------+------+------+------+--- - -
**   | unit | unit | unit | unit | unit | unit | unit |
**   +------+------+------+------+------+------+------+--- - -
**    used    1      1      1      1      0      0      1
**    units   2      0      2      0      0      0      5
**            block of 2    block of 2    free          block of 5
**
** A block grows in place while the units behind it are free, and shrinks in
** place.
**
** [medium.spans]  each used unit is one of a block, 'units' is 0 but at the
**                 first unit of a block, used_units is the number of used
**                 units, no unit in a word below 'low_word' is free, and the
**                 word behind the last unit is 0
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
  uint64_t used[SPAN_WORDS + 1]; /* the last word is 0 */
  uint8_t units[SPAN_UNITS];     /* of the block that begins at a unit, or 0 */
  uint32_t used_units;
  uint16_t longest; /* no free run is longer; SPAN_BLOCK_UNITS: no bound */
  uint8_t low_word; /* where the search for a free run begins */
  bool has_pages;
};

/* Takes the first free run of 'units'. Returns its first unit, or SPAN_UNITS. */
size_t span_take(struct span *span, size_t units);

/* Gives the block back that begins at a unit. */
void span_give(struct span *span, size_t first);

/* Makes the block that begins at a unit one of fewer units. */
void span_shrink(struct span *span, size_t first, size_t units);

/* The units of the block that begins at a unit. */
static inline size_t span_block_units(const struct span *span, size_t first)
{
  assert(span->units[first] != 0);
  return span->units[first];
}

/* The lowest 'count' bits, 1 to 64. */
static inline uint64_t span_low_bits(size_t count)
{
  assert(count > 0 && count <= 64);
  return ~(uint64_t)0 >> (64 - count);
}

/*
** Makes a block of 'old' units one of 'units', which are more, in its place.
** false: the units behind it are not free.
*/
static inline bool span_grow(struct span *span, size_t first, size_t old,
                             size_t units)
{
  size_t behind = first + old, past = first + units;
  uint64_t *used = &span->used[behind / 64];
  uint64_t run = span_low_bits(units - old);
  uint64_t low = run << behind % 64, high = run >> 1 >> (63 - behind % 64);
  assert(old == span_block_units(span, first) && units <= SPAN_BLOCK_UNITS);
  if (past > SPAN_UNITS || ((used[0] & low) | (used[1] & high)) != 0)
    return false;
  used[0] |= low;
  used[1] |= high;
  span->units[first] = (uint8_t)units;
  span->used_units += (uint32_t)(units - old);
  return true;
}

/* Does a block begin at the unit? */
static inline bool span_has_block(const struct span *span, size_t unit)
{
  assert(unit < SPAN_UNITS);
  return span->units[unit] != 0;
}

/* The number of blocks. */
size_t span_count_blocks(const struct span *span);

/* [medium.spans] of one span */
bool span_is_whole(const struct span *span);

#endif
