/*
** The space that the blocks of a loaded trace take over time, on a heap. A span
** is a range of addresses that is in use during a range of requests: a block
** that stays in its place with one size, or an arena that is held. A grid adds
** up how much of each of its cells the spans cover.
**
**   address  +----+----+----+
**            |  0 | 64 | 64 |   row 1: row_bytes of addresses
**            +----+----+----+
**            | 40 | 48 |  8 |   row 0   covered bytes, times the requests
**            +----+----+----+           after which they are in use
**              column_requests each
**
** Addresses count from the base of the heap's region. Blocks of the raw
** allocator have no address there and are left out.
**
** The trace is run twice: the first pass finds how far the addresses go.
**
** Tested by spec/unit/space_spec.lua.
*/
#ifndef SPACE_H
#define SPACE_H

#include "trace/loaded_trace.h"

/* In use after each request from number 'from' + 1 to number 'to'. */
struct span {
  uint64_t address, bytes; /* of a block: those requested */
  uint64_t from, to;
};

struct space {
  size_t columns, rows; /* at most those wanted */
  uint64_t column_requests, row_bytes;
  uint64_t extent;  /* the end of the highest arena */
  uint64_t *live;   /* rows * columns cells, row 0 first */
  uint64_t *held;   /* the same, for arenas */
  uint64_t spans;   /* the number of blocks' spans */
  struct span *all; /* the first spans_most of them */
  size_t all_count;
};

/*
** Runs the trace and fills the grids, of at most columns * rows cells. false:
** there is no memory. space_close frees the grids in either case.
*/
bool space_of(const struct loaded_trace *loaded, const pym_options *options,
              size_t columns, size_t rows, size_t spans_most,
              struct space *space);

void space_close(struct space *space);

#endif
