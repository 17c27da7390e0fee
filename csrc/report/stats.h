/*
** What the report needs to know of CPython's arena map, which this allocator
** does not need: the sizes of its nodes.
*/
#ifndef STATS_H
#define STATS_H

#include "state/heap.h"

struct stats_map {
  size_t upper_bytes; /* of the root, and of each node of the middle */
  size_t bot_bytes;   /* of each bottom node */
  unsigned mid_shift; /* address >> mid_shift: its middle node; 0: no map */
  unsigned bot_shift; /* address >> bot_shift: its bottom node */
};

struct stats_map stats_map(const pym_geometry *geometry);

#endif
