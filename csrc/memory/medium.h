/*
** Medium requests are those of 513 bytes to 8 KiB of a heap that hosts a
** program. They stand below the heap, as its raw allocator does, and pass all
** other requests on to the one below them. So the exact heap is not changed, and
** a block keeps its owner when realloc makes it larger than a pool serves.
**
**   span (256 KiB of a region of its own)
**   +------+------+------+------+------+------+------+--- - -
**   | unit | unit | unit | unit | unit | unit | unit |
**   +------+------+------+------+------+------+------+--- - -
**    used    1      1      1      1      0      0      1
**    ends    0      1      0      1      0      0      0
**            block of 2    block of 2    free
**
** A unit has 128 bytes. A block is a run of units: its last one has a bit in
** 'ends'. The bits stand in a record beside the span, so no block has a head. A
** request is rounded up to one of four classes a doubling: 640, 768, 896, 1024,
** 1280, ... 8192 bytes. A block grows in place while the units behind it are
** free, and shrinks in place.
**
** malloc  takes the block of the class that was freed last, if one is kept; else
**         the first free run in the lowest span that has one
** free    keeps the block, if few of its class are kept; else clears its bits
** trim    gives the kept blocks back, and the pages of spans without a block
**
** [medium.spans]  each bit of 'ends' is of a used unit, each used run ends with
**                 one, and used_units is the number of used units
** [medium.kept]   each kept block is a block of its class, and is kept once
**
** Tested by spec/robustness/medium_spec.lua.
*/
#ifndef MEDIUM_H
#define MEDIUM_H

#include "memory/region.h"

#define MEDIUM_SMALLEST ((size_t)513)
#define MEDIUM_LARGEST ((size_t)8192)
#define MEDIUM_UNIT_BYTES ((size_t)128)
#define MEDIUM_SPAN_BYTES ((size_t)256 << 10)
#define MEDIUM_WORDS (MEDIUM_SPAN_BYTES / MEDIUM_UNIT_BYTES / 64)
#define MEDIUM_CLASSES 16u /* four of each of the doublings up to 8 KiB */
#define MEDIUM_KEPT 16u    /* blocks of a class */

struct span {
  uint64_t used[MEDIUM_WORDS];
  uint64_t ends[MEDIUM_WORDS];
  size_t used_units; /* 0: the span has no pages */
  size_t longest;    /* no free run is longer */
};

struct medium {
  pym_raw raw; /* serves all other requests */
  struct region region;
  struct span *spans; /* of the first slots of the region */
  size_t span_count;
  size_t lowest[MEDIUM_CLASSES]; /* no span below has a run for the class */
  void *kept[MEDIUM_CLASSES][MEDIUM_KEPT];
  size_t kept_count[MEDIUM_CLASSES];
};

/*
** Puts 'medium' between a heap to be made with these options and their raw
** allocator. If the system refuses addresses, raw serves all requests. false:
** raw has no memory.
*/
bool medium_stand_below(struct medium *medium, pym_options *options);

/* Frees what medium_stand_below obtained. The heap must have been deleted. */
void medium_close(struct medium *medium);

/* Gives kept blocks and empty spans back; returns the bytes of the latter. */
size_t medium_trim(struct medium *medium);

/* The medium requests behind a raw allocator, or NULL. */
struct medium *medium_of(const pym_raw *raw);

/* [medium.spans] */
bool medium_spans_hold(const struct medium *medium);

/* [medium.kept] */
bool medium_kept_hold(const struct medium *medium);

#endif
