/*
** Reads the plain requests of a packed trace, many at once. Plain are mallocs and
** callocs with the predicted id, and reallocs and frees of live ids, whose sizes
** and moves are not far (trace/packed_operands.h). Nearly all requests are.
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef PACKED_RUN_H
#define PACKED_RUN_H

#include "trace/loaded_trace.h"
#include "trace/packed_reader.h"

/* Is every id of the block its slot plus 1, as far as it is predicted? */
static inline bool packed_run_has_own_ids(struct packed_reader *packed)
{
  return packed->block.by_slot && !packed_reader_slots(packed)->has_others;
}

/*
** Reads plain requests of the block, up to one that is not. Returns their number.
** There must be a slot, and room for all requests of the block. 'ids' gets their
** ids; it may be NULL if packed_run_has_own_ids.
*/
size_t packed_run_read(struct packed_reader *packed, struct request *requests,
                       uint64_t *ids);

#endif
