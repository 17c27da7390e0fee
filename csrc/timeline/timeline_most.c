#include "timeline/timeline_parts.h"

/* The bytes that are live, and those of them in pools. */
struct live_bytes {
  uint64_t all, small;
};

/* Adds the live block of a handle, or takes it away: 'sign' is 1 or -1. */
static void count_handle(const struct timeline *timeline, uint32_t handle,
                         uint64_t sign, struct live_bytes *bytes)
{
  const struct timeline_live *live = &timeline->live[handle];
  if (live->block == NULL)
    return;
  uint64_t size = timeline_request_of(timeline, live)->bytes;
  bytes->all += sign * size;
  if (heap_owns(timeline->heap, live->block))
    bytes->small += sign * size;
}

static uint64_t figure_of(const struct timeline *timeline,
                          enum timeline_figure figure,
                          const struct live_bytes *bytes)
{
  const pym_heap *heap = timeline->heap;
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (figure) {
  /* GCOVR_EXCL_BR_STOP */
  case TIMELINE_LIVE:
    return bytes->all;
  case TIMELINE_UNUSED:
    return heap->narenas_currently_allocated * heap->geometry.arena_bytes -
           bytes->small;
  }
  return 0;
}

/* Runs the next request and brings the bytes up to date. */
static bool count_request(struct timeline *timeline, struct live_bytes *bytes)
{
  uint32_t handle = timeline->trace.items[timeline->at].handle;
  bool is_counted = handle != LOADED_TRACE_NO_HANDLE;
  if (is_counted)
    count_handle(timeline, handle, UINT64_MAX, bytes);
  bool is_done = timeline_advance_to(timeline, timeline->at + 1);
  if (is_counted)
    count_handle(timeline, handle, 1, bytes);
  return is_done;
}

uint64_t timeline_most(struct timeline *timeline, enum timeline_figure figure)
{
  struct live_bytes bytes = {0};
  uint64_t at = timeline->at, most = 0, most_at = 0;
  bool is_done = timeline_go_to(timeline, 0);
  while (is_done && timeline->at < timeline_length(timeline)) {
    is_done = count_request(timeline, &bytes);
    uint64_t now = figure_of(timeline, figure, &bytes);
    if (now > most) {
      most = now;
      most_at = timeline->at;
    }
  }
  (void)timeline_go_to(timeline, at); /* it was there before */
  return most_at;
}
