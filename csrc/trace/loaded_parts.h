/*
** Functions that add to a loaded trace, for loaded_trace.c, which reads text,
** and loaded_packed.c.
*/
#ifndef LOADED_PARTS_H
#define LOADED_PARTS_H

#include "trace/loaded_trace.h"

/* Makes room for this many more requests. false: there is no memory. */
bool loaded_trace_reserve(struct loaded_trace *loaded, size_t more);

/* Makes room for the id of each request that fits. false: there is no memory. */
bool loaded_trace_keep_ids(struct loaded_trace *loaded);

/* Adds a request, with a handle. false: there is no memory. */
bool loaded_trace_add(struct loaded_trace *loaded, const struct trace_op *op,
                      uint32_t handle);

/*
** Adds another operation; 'is_other': of another interpreter. false: there is
** no memory.
*/
bool loaded_trace_add_other(struct loaded_trace *loaded,
                            const struct trace_op *op, bool is_other);

#endif
