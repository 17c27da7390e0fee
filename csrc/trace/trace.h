/*
** A trace is a list of operations that can be run again, as text, one operation
** in a line. It is read line by line, so that its length costs no memory. A trace
** in the packed form of trace/packed_format.h is recognised by its first bytes,
** and read block by block; its lines are then its operations.
**
** The first line may be TRACE_HEAD; other lines that begin with # are
** comments. A carriage return at the end of a line, empty lines and a last
** line without an end are allowed. Anything else is an error, whose message
** says where it is, what was expected and what was found.
**
** Tested by spec/unit/trace_spec.lua.
*/
#ifndef TRACE_H
#define TRACE_H

#include "trace/trace_op.h"

#define TRACE_HEAD "# pymalloc trace 1" /* the line that names the format */
#define TRACE_ERROR_BYTES 512u

struct trace; /* a trace that is being read */
struct packed_reader;

enum trace_status { TRACE_OP, TRACE_END, TRACE_ERROR };

/*
** Opens a trace; "-" is standard input. If that fails, returns NULL and writes
** a sentence with the name of the trace to 'why', of 'why_bytes'.
*/
struct trace *trace_open(const char *path, char *why, size_t why_bytes);

/*
** Opens a trace in memory, which must stay as it is. 'name' stands for it in
** messages. NULL: there is no memory.
*/
struct trace *trace_open_text(const char *text, size_t bytes, const char *name);

/*
** Reads the next operation. After the end or an error, returns the same again.
*/
enum trace_status trace_next(struct trace *trace, struct trace_op *op);

/* Writes the name of a line for messages: "FILE:17". */
void trace_where(const struct trace *trace, uint64_t line, char *where,
                 size_t where_bytes);

/* The number of the line last read, from 1; 0 before the first. */
uint64_t trace_line(const struct trace *trace);

/* The number of sites defined in the lines read, of a trace that is text. */
uint32_t trace_sites(const struct trace *trace);

/*
** Makes a trace of which nothing was read the continuation of another one, of
** this many lines and sites.
*/
void trace_continue(struct trace *trace, uint64_t lines, uint32_t sites);

/*
** The reader of a packed trace of which nothing was read, for functions that read
** many operations at once; they end with trace_end_packed. NULL: the trace is
** text, or in error.
*/
struct packed_reader *trace_packed(struct trace *trace);

/*
** The note of a packed trace of which nothing was read. "": there is none, the
** trace is text, or its head is wrong.
*/
const char *trace_note(struct trace *trace);

/* Ends a packed trace, which has failed or has been read to its end. */
enum trace_status trace_end_packed(struct trace *trace, bool has_failed);

/* After TRACE_ERROR: the message, with name and line. */
const char *trace_error(const struct trace *trace);

/* Closes the trace, at its end or before. NULL is allowed. */
void trace_close(struct trace *trace);

#endif
