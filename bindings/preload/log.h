/*
** What a preloaded library writes and 'pymalloc record' reads: a file that
** is mapped into the recorded program, so that whatever kills it the records
** are there.
**
**   | head | record | record | record | ... |
**
** A slot is claimed by counting up, and filled with its kind last: one that
** was claimed when the program died has kind 0.
*/
#ifndef LOG_H
#define LOG_H

#include <stdint.h>

#define LOG_MAGIC UINT64_C(0x31676f6c2d6d7970) /* "pym-log1" */
#define LOG_BYTES ((uint64_t)1 << 36)          /* of addresses; pages as used */
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
  uint64_t pid;              /* of the process that is recorded */
  uint64_t count;            /* slots claimed */
  uint64_t is_cut;           /* not 0: the disk had no room for more */
  char what[LOG_WHAT_BYTES]; /* is recorded, where that needs saying */
};

struct log_record {
  uint32_t kind;
  uint32_t thread;
  uint64_t block;
  uint64_t size;
  uint64_t count;
};

#endif
