/*
** Declarations that the files of pymalloc-verify share.
*/
#ifndef VERIFY_H
#define VERIFY_H

#include <stdio.h>

#include "base/idmap.h"
#include "trace/trace_op.h"

#define TEXT_BYTES 512u /* of what happened in one request */

struct counts {
  uint64_t requests, places, obtained, released, headers, reports;
};

/* What happened in a request, in the form of a record. */
struct happened {
  size_t bytes;
  char text[TEXT_BYTES];
};

struct verify {
  const char *path;
  FILE *file;
  char *line;
  size_t line_bytes;
  uint64_t line_number;

  pym_heap *heap; /* NULL until the head of the record has been read */
  uintptr_t base;
  pym_geometry geometry;
  bool has_stale; /* the record tells stale links */
  bool has_end;
  struct idmap ids;
  struct counts counts;

  struct trace_op op;         /* the request */
  struct happened ours, real; /* what the heap and CPython did in it */
  char *text;                 /* the heap's headers or report at a mark */
  size_t text_bytes, text_at;
};

/* Prints where in the record it is, and a message, and ends the program. */
_Noreturn void verify_fail(const struct verify *verify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes the heap, of verify->geometry. */
void verify_open_heap(struct verify *verify);

/* Frees the blocks that CPython did not free, and deletes the heap. */
void verify_close_heap(struct verify *verify);

/* From here on CPython's arenas have this offset. */
void verify_offset(struct verify *verify, uint64_t offset);

/* Runs a request on the heap. */
void verify_request(struct verify *verify, const struct trace_op *op);

/* Adds a line of the record, which tells what CPython did in the request. */
void verify_add_line(struct verify *verify, const char *line);

/* Compares what both sides did in the request before. */
void verify_settle(struct verify *verify);

/* Makes the text of the heap's headers (d) or of its report (s). */
void verify_start_text(struct verify *verify, enum trace_letter letter);

/* Compares a line of CPython's text with the next one of the heap's. */
void verify_line(struct verify *verify, const char *real);

/* Fails if the heap's text has more lines. */
void verify_end_text(struct verify *verify);

#endif
