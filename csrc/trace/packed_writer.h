/*
** Writes the operations of a trace in the packed form, in which
** trace/packed_format.h has them. Its memory is that of a block and of the live
** ids.
**
** A column is deflated only if that saves an eighth of its length, and a column
** that all requests use only if it becomes at most a quarter as long, because
** inflating takes time: 3.2 ns a request for the moves of traces/cpython-json,
** where reading takes 8.6 ns (Intel Xeon, model 207).
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef PACKED_WRITER_H
#define PACKED_WRITER_H

#include "trace/trace_op.h"

struct packed_writer;

/*
** Begins a packed trace with a note, of which PACKED_NOTE_MAX bytes are kept.
** NULL: there is no memory.
*/
struct packed_writer *packed_writer_open(pym_write write, void *context,
                                         const char *note, size_t note_bytes);

/*
** Adds an operation. false: there is no memory, or 'write' has failed; nothing
** more is then written.
*/
bool packed_writer_put(struct packed_writer *writer, const struct trace_op *op);

/* Writes the rest and the end. false: not all could be written. */
bool packed_writer_end(struct packed_writer *writer);

/* Has 'write' failed? */
bool packed_writer_is_broken(const struct packed_writer *writer);

/* Frees the writer. NULL is allowed. */
void packed_writer_close(struct packed_writer *writer);

#endif
