/*
** Reads packed traces into memory. Most requests are read in a loop of their
** own, which is faster than packed_reader_next for each operation.
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef LOADED_PACKED_H
#define LOADED_PACKED_H

#include "trace/loaded_trace.h"
#include "trace/packed_reader.h"

/*
** Reads the requests of an interpreter from a packed trace, to its end or to the
** end of the block that has number 'most' of them, and keeps at most 'most'.
** false: as loaded_trace_read.
*/
bool loaded_trace_unpack(struct loaded_trace *loaded, struct trace *trace,
                         struct packed_reader *packed, size_t interpreter,
                         size_t most, char *why, size_t why_bytes);

#endif
