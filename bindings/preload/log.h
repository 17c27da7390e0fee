/*
** The log that a preloaded library writes and 'pymalloc record' reads. It is a
** file that is mapped into the recorded program, so that the records are kept
** however the program ends.
**
**   | head | record | record | record | ... |
**
** A thread claims a slot by adding 1 to the count, and writes the kind of the
** record last. If the program ends in between, the kind is 0.
*/
#ifndef LOG_H
#define LOG_H

#include <stdint.h>

#define LOG_MAGIC UINT64_C(0x31676f6c2d6d7970) /* "pym-log1" */
#define LOG_BYTES ((uint64_t)1 << 36)          /* of addresses, not of disk */
#define LOG_WHAT_BYTES 64

enum log_kind {
  LOG_NOTHING,
  LOG_MALLOC,        /* block, size */
  LOG_CALLOC,        /* block, size: of an element, count */
  LOG_REALLOC_BEGIN, /* block: the old one; may be NULL */
  LOG_REALLOC_END,   /* block: the new one; NULL: refused. size */
  LOG_FREE           /* block */
};

struct log_head {
  uint64_t magic;
  uint64_t pid;              /* the recorded process */
  uint64_t count;            /* slots claimed */
  uint64_t is_cut;           /* not 0: the disk had no room for more */
  char what[LOG_WHAT_BYTES]; /* what is recorded: "CPython 3.11.2", or "" */
};

struct log_record {
  uint32_t kind;
  uint32_t thread;
  uint64_t block;
  uint64_t size;
  uint64_t count;
};

#endif
