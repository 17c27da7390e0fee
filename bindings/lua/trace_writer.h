/*
** Writes the lines of a trace for requests with addresses. Each new block gets
** the next id, and keeps it when it moves.
*/
#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H

#include <stdio.h>

#include "base/idmap.h"
#include "trace/trace_op.h"

struct trace_writer {
  FILE *file;
  struct idmap ids; /* address -> id, as 'bytes' */
  uint64_t next_id; /* from 1 */
  uint64_t requests;
  uint64_t unknown_frees; /* frees of blocks allocated before the recording */
  bool has_failed;        /* no memory, or the file cannot be written */
};

void trace_put_malloc(struct trace_writer *writer, uint64_t address,
                      uint64_t size);
void trace_put_calloc(struct trace_writer *writer, uint64_t address,
                      uint64_t count, uint64_t size);

/* A free of a block without an id is counted, and not written. */
void trace_put_free(struct trace_writer *writer, uint64_t address);

/* A block with that id, or without one (0), is now at an address. */
void trace_put_realloc(struct trace_writer *writer, uint64_t id,
                       uint64_t address, uint64_t size);

/* Removes a block from the table. Returns its id; 0: it has none. */
uint64_t trace_take_id(struct trace_writer *writer, uint64_t address);

#endif
