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

static uint64_t arena_bytes(const struct timeline *timeline)
{
  const pym_heap *heap = timeline->heap;
  return heap->narenas_currently_allocated * heap->geometry.arena_bytes;
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

/* The largest value of a figure so far, and the first time at which it was. */
struct most {
  uint64_t value, at;
};

/* Returns true if the value is larger than the largest so far. */
static bool exceed(struct most *most, uint64_t value, uint64_t at)
{
  if (value <= most->value)
    return false;
  *most = (struct most){value, at};
  return true;
}

/* The moments of the figures, so far. */
struct moments {
  struct most live, held, unused;
  uint64_t held_small; /* the bytes in pools at the time of 'held' */
};

/*
** Among times at which equally many bytes of arenas are held, the one with the
** most live bytes in pools is the peak. 'unused' begins anew at each peak.
*/
static void look(struct moments *moments, const struct timeline *timeline,
                 const struct live_bytes *bytes)
{
  uint64_t held = arena_bytes(timeline), at = timeline->at;
  (void)exceed(&moments->live, bytes->all, at);
  bool is_peak = exceed(&moments->held, held, at);
  if (!is_peak && held > 0 && held == moments->held.value &&
      bytes->small > moments->held_small) {
    moments->held.at = at;
    is_peak = true;
  }
  if (is_peak) {
    moments->held_small = bytes->small;
    moments->unused = (struct most){0};
  }
  (void)exceed(&moments->unused, held - bytes->small, at);
}

static uint64_t moment_of(const struct moments *moments,
                          enum timeline_figure figure)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (figure) {
  /* GCOVR_EXCL_BR_STOP */
  case TIMELINE_LIVE:
    return moments->live.at;
  case TIMELINE_HELD:
    return moments->held.at;
  case TIMELINE_UNUSED:
    return moments->unused.at;
  }
  return 0;
}

uint64_t timeline_most(struct timeline *timeline, enum timeline_figure figure)
{
  struct live_bytes bytes = {0};
  struct moments moments = {0};
  uint64_t at = timeline->at;
  bool is_done = timeline_go_to(timeline, 0);
  while (is_done && timeline->at < timeline_length(timeline)) {
    is_done = count_request(timeline, &bytes);
    look(&moments, timeline, &bytes);
  }
  (void)timeline_go_to(timeline, at); /* it was there before */
  return moment_of(&moments, figure);
}
