/*
** Adds requests to the trace of a timeline, one by one.
*/
#include <stdio.h>
#include <stdlib.h>

#include "timeline/timeline_parts.h"
#include "trace/loaded_parts.h"

bool timeline_cut(struct timeline *timeline)
{
  if (timeline->borrows_trace) {
    struct loaded_trace copy;
    if (!loaded_trace_copy(&copy, &timeline->trace, (size_t)timeline->at)) {
      loaded_trace_close(&copy);
      return false;
    }
    timeline->trace = copy;
    timeline->borrows_trace = false;
  }
  loaded_trace_cut(&timeline->trace, (size_t)timeline->at);
  timeline_drop_later_checkpoints(timeline);
  return true;
}

/* The handle of a live id; LOADED_TRACE_NO_HANDLE if it is not live. */
static uint32_t handle_of(const struct timeline *timeline, uint64_t id)
{
  const struct timeline_live *live = timeline_find_id(timeline, id);
  return live == NULL ? LOADED_TRACE_NO_HANDLE
                      : (uint32_t)(live - timeline->live);
}

/*
** A handle without a live block. The trace was cut at the present time, so no
** later request uses the handle. false: there is no memory for one more.
*/
static bool new_handle(struct timeline *timeline, uint32_t *handle)
{
  size_t count = timeline->trace.handle_count;
  for (*handle = 0; *handle < count; ++*handle)
    if (timeline->live[*handle].block == NULL)
      return true;
  struct timeline_live *grown =
      realloc(timeline->live, (count + 2) * sizeof *grown);
  if (grown == NULL)
    return false;
  timeline->live = grown;
  timeline->live[count] = (struct timeline_live){0};
  timeline->trace.handle_count++;
  return true;
}

static bool fail(struct timeline *timeline, const char *why)
{
  (void)snprintf(timeline->error, sizeof timeline->error, "%s", why);
  return false;
}

static bool fail_for_id(struct timeline *timeline, uint64_t id, const char *why)
{
  (void)snprintf(timeline->error, sizeof timeline->error, "id %llu is %s",
                 (unsigned long long)id, why);
  return false;
}

bool timeline_append(struct timeline *timeline, const struct trace_op *op)
{
  uint32_t handle = handle_of(timeline, op->id);
  bool is_live = handle != LOADED_TRACE_NO_HANDLE;
  assert(trace_is_request(op->letter));
  if ((op->letter == TRACE_MALLOC || op->letter == TRACE_CALLOC) && is_live)
    return fail_for_id(timeline, op->id, "live already");
  bool needs_handle = !is_live && op->letter != TRACE_FREE;
  if (!timeline_cut(timeline) ||
      (needs_handle && !new_handle(timeline, &handle)) ||
      !loaded_trace_add(&timeline->trace, op, handle))
    return fail(timeline, "not enough memory");
  return true;
}
