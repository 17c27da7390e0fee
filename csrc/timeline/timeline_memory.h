/*
** The memory below the heap of a timeline, in which a checkpoint can be
** restored.
**
** The arenas and the arenas vector lie in addresses that are reserved once.
** Committed memory stays committed, and the vector never moves. All blocks
** that the raw allocator serves have the same address: no program writes to the
** blocks of a timeline, and the heap only counts its raw blocks.
**
** Tested by spec/unit/run_spec.lua.
*/
#ifndef TIMELINE_MEMORY_H
#define TIMELINE_MEMORY_H

#include "geometry/geometry.h"

/* The largest request that raw serves: 64 TiB. */
#define TIMELINE_RAW_BYTES_MAX ((uint64_t)1 << 46)

struct timeline_memory {
  pym_pages pages;          /* the system's */
  void *committed_end;      /* the region is committed up to here */
  void *vector;             /* the arenas vector */
  size_t vector_bytes;      /* addresses reserved for it */
  size_t vector_committed;  /* bytes of them that are committed */
  bool is_serving;          /* the heap is made: its mallocs and callocs are now
                              for blocks of requests */
  unsigned char *raw_block; /* the one address of all raw blocks */
};

/*
** Changes the options of a heap to be made so that it takes its memory from
** 'memory', which must not move. Returns false if there is no memory.
*/
bool timeline_memory_open(struct timeline_memory *memory, pym_options *options);

/* Gives the memory back. The heap must be deleted before. */
void timeline_memory_close(struct timeline_memory *memory);

#endif
