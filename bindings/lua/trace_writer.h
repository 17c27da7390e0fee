/*
** Writes the lines of a trace for requests with addresses. Each new block gets
** the next id, and keeps it when it moves. A caller that knows who makes a
** request sets 'site' and 'interpreter' before it puts the request.
*/
#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H

#include <stdio.h>

#include "base/idmap.h"
#include "trace/trace_op.h"

struct trace_writer {
  FILE *file;
  struct idmap ids;     /* address -> id, as 'bytes', and interpreter */
  uint64_t next_id;     /* from 1 */
  uint32_t site;        /* of the next requests; 0: none */
  uint32_t sites;       /* sites defined so far */
  uint32_t interpreter; /* whose requests are put now */
  uint32_t offset;      /* of the arenas of interpreter 'offset_of' */
  uint32_t offset_of;
  uint64_t requests;
  uint64_t unknown_frees; /* frees of blocks allocated before the recording */
  uint64_t reused;        /* blocks taken for freed: their address came again */
  bool has_failed;        /* no memory, or the file cannot be written */
};

/* A malloc of a block whose address is not known. Returns its id. */
uint64_t trace_put_new(struct trace_writer *writer, uint64_t size);

void trace_put_malloc(struct trace_writer *writer, uint64_t address,
                      uint64_t size);
void trace_put_calloc(struct trace_writer *writer, uint64_t address,
                      uint64_t count, uint64_t size);

/* A free of a block without an id is counted, and not written. */
void trace_put_free(struct trace_writer *writer, uint64_t address);

/* Frees all blocks, in the order of their ids. false: there is no memory. */
bool trace_put_free_all(struct trace_writer *writer);

/* A block with that id, or without one (0), is now at an address. */
void trace_put_realloc(struct trace_writer *writer, uint64_t id,
                       uint64_t address, uint64_t size);

/*
** Defines a site, whose text is any bytes. Returns its number; 0: there are
** TRACE_SITE_MAX already. 'parent' is 0 or the number of another site.
*/
uint32_t trace_put_site(struct trace_writer *writer, uint32_t parent,
                        const char *text, size_t bytes);

/* Marks this moment. The text is any bytes. */
void trace_put_mark(struct trace_writer *writer, const char *text,
                    size_t bytes);

/* The next requests are of an interpreter, at most TRACE_INTERPRETER_MAX. */
void trace_put_interpreter(struct trace_writer *writer, uint32_t number);

/* An arena is obtained, at an offset of at most TRACE_OFFSET_MAX. */
void trace_put_offset(struct trace_writer *writer, uint32_t offset);

/* Removes a block from the table. Returns its id; 0: it has none. */
uint64_t trace_take_id(struct trace_writer *writer, uint64_t address);

/* Puts a block that was removed back into the table. */
void trace_put_back(struct trace_writer *writer, uint64_t address, uint64_t id);

/* The free of a block that was removed from the table; 0: it had no id. */
void trace_put_free_of(struct trace_writer *writer, uint64_t id);

#endif
