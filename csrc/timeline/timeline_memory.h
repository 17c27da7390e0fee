/*
** What the heap of a timeline stands on: memory to which the heap can be put back.
**
** Arenas and the arenas vector lie in addresses that are reserved once; what
** was committed stays so, and the vector never moves. Blocks that raw serves
** are only counted: nobody keeps anything in the blocks of a timeline, so that one
** place serves them all.
**
** Tested by spec/unit/run_spec.lua.
*/
#ifndef TIMELINE_MEMORY_H
#define TIMELINE_MEMORY_H

#include "geometry/geometry.h"

struct timeline_memory {
  pym_pages pages;          /* of the system */
  void *committed_end;      /* of the region's lower part */
  void *vector;             /* the arenas vector */
  size_t vector_bytes;      /* reserved for it */
  size_t vector_committed;  /* of them */
  bool is_serving;          /* the heap exists: what it asks for are blocks */
  unsigned char *raw_block; /* all of them */
};

/*
** Changes the options of a heap to be made so that it stands on 'memory',
** which has to stay where it is. false: no memory.
*/
bool timeline_memory_open(struct timeline_memory *memory, pym_options *options);

/* After the heap is gone. */
void timeline_memory_close(struct timeline_memory *memory);

#endif
