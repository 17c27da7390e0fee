/*
** The record that the witness writes: a trace, with comments that tell what
** CPython did.
**
**   #@ CPython 3.11.2 alignment=16 offset=4096 stale
**                          the head: the version, the alignment of blocks, and
**                          where arenas are placed (arenas.h)
**   o 4096                 arenas obtained from here on miss the alignment of
**                          pools by that, as in any trace
**   a 17 56                malloc, as in any trace
**   #+                     it obtained an arena
**   #- 3                   it released the arena of slot 3
**   #= 0:4096:48           the result: arena, pool, offset; L (large); NULL
**   d                      a mark, and
**   #: pool 0:0 ...        the header of every pool (headers.h)
**   s                      and
**   #| text                the report
**   #. 7342                the end, and the number of requests
*/
#ifndef WITNESS_RECORD_H
#define WITNESS_RECORD_H

#include "base/idmap.h"
#include "domains.h"
#include "real.h"
#include "trace/trace_op.h"

#include <stdio.h>

struct record {
  struct real real;
  struct idmap ids; /* address -> id, in the place of the bytes */
  uint64_t *free_ids;
  size_t free_count, free_capacity;
  uint64_t last_id, requests, marks_every;
  const char *version;             /* "3.11.2" */
  size_t alignment;                /* of the profile's blocks */
  bool has_head;                   /* the line '#@' is written */
  bool is_begun;                   /* the line of 'op' is not written */
  struct trace_op op;              /* the request */
  size_t offset;                   /* of the last line 'o'; 0: none */
  FILE *file;                      /* NULL: not recording */
  struct allocator object, memory; /* CPython's own */
};
extern struct record record __attribute__((visibility("hidden")));

/* Prints a message and ends the process: the record then has no end. */
_Noreturn void record_fail(const char *what);

/* The recorder, which asks CPython's own allocator. */
struct allocator record_front(struct allocator *own);

/* Puts the recorder in front of the allocators of both domains. */
void record_requests(void);

/* Writes the headers of all pools and, if 'can_report', the report. */
void record_mark(bool can_report);

#endif
