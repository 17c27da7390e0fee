/*
** Writes the place that each request of a trace got, one line for each request.
**
**   OPNO OP ID ARENA:POOL:BLOCK     slot; offset of the pool from the arena's
**                                   first pool; offset of the block in it
**   OPNO OP ID L                    a raw block
**   OPNO OP ID NULL                 refused
**   OPNO f ID -                     a free
**
** Tested by spec/fidelity/conformance_spec.lua.
*/
#ifndef PLACEMENT_H
#define PLACEMENT_H

#include "state/heap.h"
#include "base/writer.h"
#include "trace/trace.h"

/*
** Writes the line of request number 'opno'. 'served' is the live block that the
** request returned, or NULL; for a free it is not used.
*/
void placement_write(struct writer *writer, const pym_heap *heap, uint64_t opno,
                     const struct trace_op *op, const void *served);

#endif
