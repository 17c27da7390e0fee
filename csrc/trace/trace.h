/*
** A trace is a list of requests that can be run again: text, one request a
** line, read as a stream so that its length costs no memory.
**
**   a ID SIZE      malloc         c ID N ELSIZE   calloc
**   r ID SIZE      realloc        f ID            free
**   d  dump the state    s  print the report    k  check every invariant
**   x N  let N more arenas be obtained, then fail; x -1: never fail
**   # a comment; "# pymalloc trace 1" on the first line names the format
**
** Numbers go up to 2^64 - 1 and ids start at 1. Fields stand apart by blanks
** or tabs; a carriage return at the end of a line, empty lines and a last
** line without an end are all right. Anything else is an error that says
** where, what was expected and what was found.
**
** Tested by spec/unit/trace_spec.lua.
*/
#ifndef TRACE_H
#define TRACE_H

#include "base/base.h"

#define TRACE_VERSION 1u
#define TRACE_ERROR_BYTES 512u

struct trace; /* one that is being read */

struct trace_op {
  uint64_t line;  /* its number, from 1 */
  char letter;    /* a c r f d s k x */
  uint64_t id;    /* a c r f; else 0 */
  uint64_t count; /* c: of elements; x: of arenas, UINT64_MAX never to fail */
  uint64_t bytes; /* a r; c: of one element */
};

enum trace_status { TRACE_OP, TRACE_END, TRACE_ERROR };

/*
** Opens a trace to read; "-" is standard input. NULL: 'why' (of 'why_bytes')
** holds a whole sentence, with the name.
*/
struct trace *trace_open(const char *path, char *why, size_t why_bytes);

/*
** Reads from memory, which has to stay as it is. 'name' stands for it in
** messages. NULL where there is no memory.
*/
struct trace *trace_open_text(const char *text, size_t bytes, const char *name);

/* The next operation, into 'op'. After the end or an error: the same again. */
enum trace_status trace_next(struct trace *trace, struct trace_op *op);

/* Writes what a line of this trace is called in messages: "FILE:17". */
void trace_where(const struct trace *trace, uint64_t line, char *where,
                 size_t where_bytes);

/* The number of the line last read, from 1. */
uint64_t trace_line(const struct trace *trace);

/* After TRACE_ERROR: the message, with name and line. */
const char *trace_error(const struct trace *trace);

/* Ends the reading, wherever it stands. NULL is allowed. */
void trace_close(struct trace *trace);

#endif
