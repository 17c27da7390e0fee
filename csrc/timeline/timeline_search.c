#include "timeline/timeline_parts.h"

static bool changes(const struct event *event,
                    const struct timeline_wanted *wanted)
{
  for (uint32_t i = 0; i < event->change_count; i++)
    if (event->changes[i].field == wanted->field &&
        event->changes[i].where == wanted->where)
      return true;
  return false;
}

static void note_event(void *context, const struct event *event)
{
  struct timeline *timeline = context;
  const struct timeline_wanted *wanted = timeline->wanted;
  if (wanted->szidx != EVENT_NOWHERE && wanted->szidx != event->szidx)
    return;
  if (wanted->field != EVENT_FIELD_COUNT && !changes(event, wanted))
    return;
  timeline->is_found = true;
  timeline->found = *event;
  timeline_set_bytes(timeline, &timeline->found);
}

/*
** Runs the requests up to 'end' and notes the last wanted event. With 'stops'
** it stops behind the first request that has one. Returns false if a request
** cannot be run.
*/
static bool search(struct timeline *timeline,
                   const struct timeline_wanted *wanted, uint64_t end,
                   bool stops)
{
  bool is_done = true;
  assert(timeline->at <= end && end <= timeline_length(timeline));
  timeline->is_found = false;
  timeline->wanted = wanted;
  watch_start(&timeline->watch, timeline->heap, wanted->kinds, note_event,
              timeline);
  watch_number(&timeline->watch, timeline->at + 1);
  while (is_done && timeline->at < end && !(stops && timeline->is_found))
    is_done = timeline_advance_to(timeline, timeline->at + 1);
  watch_stop(&timeline->watch);
  return is_done;
}

bool timeline_forward(struct timeline *timeline,
                      const struct timeline_wanted *wanted)
{
  uint64_t at = timeline->at;
  timeline->error[0] = '\0';
  if (!search(timeline, wanted, timeline_length(timeline), true) ||
      !timeline->is_found) {
    if (timeline->at > at)
      timeline_look_again(timeline);
    return false;
  }
  /* GCOVR_EXCL_BR_START: requests that were run once can be run again */
  return timeline_go_to(timeline, timeline->found.request - 1) &&
         timeline_step(timeline);
  /* GCOVR_EXCL_BR_STOP */
}

/*
** Notes the last wanted event of the requests up to 'end'. It searches the
** stretch behind the last checkpoint, then the one before it, and so on.
*/
static bool search_back(struct timeline *timeline,
                        const struct timeline_wanted *wanted, uint64_t end)
{
  timeline->is_found = false;
  while (end > 0 && !timeline->is_found) {
    uint64_t start = timeline_checkpoint_before(timeline, end - 1);
    /* GCOVR_EXCL_BR_START: requests that were run once can be run again */
    if (!timeline_go_to(timeline, start) ||
        !search(timeline, wanted, end, false))
      return false;
    /* GCOVR_EXCL_BR_STOP */
    end = start;
  }
  return timeline->is_found;
}

bool timeline_backward(struct timeline *timeline,
                       const struct timeline_wanted *wanted)
{
  uint64_t at = timeline->at;
  if (at == 0 || !search_back(timeline, wanted, at - 1)) {
    (void)timeline_seek(timeline, 0);
    timeline->events.count = 0;
    return false;
  }
  timeline->events.count = 0;
  /* GCOVR_EXCL_BR_START: requests that were run once can be run again */
  return timeline_go_to(timeline, timeline->found.request - 1) &&
         timeline_step(timeline);
  /* GCOVR_EXCL_BR_STOP */
}

bool timeline_last(struct timeline *timeline,
                   const struct timeline_wanted *wanted, struct event *event)
{
  uint64_t at = timeline->at;
  bool is_found = search_back(timeline, wanted, at);
  *event = timeline->found;
  /* 'events' was not touched: it holds those of request 'at', as before */
  /* GCOVR_EXCL_BR_START: requests that were run once can be run again */
  return timeline_go_to(timeline, at) && is_found;
  /* GCOVR_EXCL_BR_STOP */
}

bool timeline_what_if_free(struct timeline *timeline, void *freed,
                           struct timeline_events *events)
{
  struct checkpoint now = {0};
  assert(timeline->heap->watch == NULL);
  *events = (struct timeline_events){0};
  if (!checkpoint_take(&now, timeline->heap)) {
    checkpoint_drop(&now);
    return false;
  }
  watch_start(&timeline->watch, timeline->heap, EVENT_ALL, timeline_add_event,
              events);
  watch_number(&timeline->watch, timeline->at + 1);
  pym_free(timeline->heap, freed);
  watch_stop(&timeline->watch);
  checkpoint_restore(&now, timeline->heap);
  checkpoint_drop(&now);
  return !events->is_cut;
}
