/*
** The log that a preloaded library writes and 'pymalloc record' reads. The
** recorded program maps the file in pieces, so that the records are kept
** however the program ends.
**
**   | head, LOG_HEAD_BYTES | record | record | record | ... |
**
** A thread claims slots by adding to the count, and writes the kind of each
** record last. If the program ends in between, the kind is 0.
**
** A text does not fit into one record. The record that has a text is followed
** by as many records of the kind LOG_TEXT as its bytes need, in slots that were
** claimed together.
*/
#ifndef LOG_H
#define LOG_H

#include <stdint.h>

#define LOG_MAGIC UINT64_C(0x32676f6c2d6d7970) /* "pym-log2" */
#define LOG_HEAD_BYTES ((uint64_t)2 << 20)     /* most of it is a hole */
#define LOG_WHAT_BYTES 64
#define LOG_PATH_BYTES 1024
#define LOG_TEXT_BYTES 200u /* of a site or a mark; the rest is cut off */
#define LOG_PLACE_BYTES 4096u
#define LOG_PIECE_BYTES 24u /* of a text, in a record LOG_TEXT */

enum log_kind {
  LOG_NOTHING,
  LOG_MALLOC,        /* block, size */
  LOG_CALLOC,        /* block, size: of an element, count */
  LOG_CALLOC_MANY,   /* block, size: the count, count: the size of an element */
  LOG_REALLOC_BEGIN, /* block: the old one; may be NULL */
  LOG_REALLOC_END,   /* block: the new one; NULL: refused. size */
  LOG_REALLOC_FREED, /* the realloc has freed the block, and returned NULL */
  LOG_FREE,          /* block */
  LOG_SITE,   /* site, block: the site of the caller, size: of the text */
  LOG_MARK,   /* size: of the text */
  LOG_TEXT,   /* a piece of a text */
  LOG_FRAME,  /* site, count: the site of the caller, block: an address
                        to which the frame is to return */
  LOG_MODULE, /* block, size: the first address and the end of a file's
                        code, count: its place in the file, in LOG_PLACE_BYTES,
                        site: of the text, its path */
  LOG_ARENA   /* size: the offset of an arena that a CPython has obtained */
};

/* Why the log does not have all requests. */
enum log_cut {
  LOG_WHOLE,
  LOG_CUT_DISK,    /* the disk has no room for more */
  LOG_CUT_FILE,    /* the process may not write so large a file */
  LOG_CUT_PATH,    /* the process can no longer open the log, to enlarge it */
  LOG_CUT_MAPPING, /* the system refuses to map the next piece of the log */
  LOG_CUT_STALLED  /* a thread does not finish its record */
};

struct log_head {
  uint64_t magic;
  uint64_t pid;              /* the recorded process */
  uint64_t count;            /* slots claimed */
  uint32_t cut;              /* an enum log_cut */
  char what[LOG_WHAT_BYTES]; /* what is recorded: "CPython 3.11.2", or "" */
  char next_program[LOG_PATH_BYTES]; /* that replaces the recorded one (exec) */
  char command[LOG_PATH_BYTES];      /* its words */
};

struct log_record {
  uint32_t kind; /* and above its lowest 8 bits, the number of an interpreter */
  uint32_t thread;
  union {
    struct {
      uint32_t site;  /* of a request: the innermost frame; 0: not known */
      uint32_t count; /* of elements; a larger one makes it LOG_CALLOC_MANY */
      uint64_t block;
      uint64_t size;
    };
    char text[LOG_PIECE_BYTES];
  };
};

#define LOG_KIND_BITS 8
#define LOG_KIND_MASK ((UINT32_C(1) << LOG_KIND_BITS) - 1)

#endif
