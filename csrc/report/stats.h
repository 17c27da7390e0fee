/*
** The sizes of the nodes of CPython's arena map. This allocator has no such
** map, but the report of CPython 3.10 and later prints these figures.
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

/* The sizes for a geometry; all 0 if its CPython version has no arena map. */
struct stats_map stats_map(const pym_geometry *geometry);

#endif
