#include "timeline/timeline_parts.h"

static bool changes(const struct event *event, const struct run_wanted *wanted)
{
  for (uint32_t i = 0; i < event->change_count; i++)
    if (event->changes[i].field == wanted->field &&
        event->changes[i].where == wanted->where)
      return true;
  return false;
}

static void note_event(void *context, const struct event *event)
{
  struct run *run = context;
  const struct run_wanted *wanted = run->wanted;
  if (wanted->szidx != EVENT_NOWHERE && wanted->szidx != event->szidx)
    return;
  if (wanted->field != EVENT_FIELD_COUNT && !changes(event, wanted))
    return;
  run->is_found = true;
  run->found = *event;
}

/*
** Runs on to a later time and notes such events: stops behind the first, or
** notes the last. false: a request cannot be run.
*/
static bool search(struct run *run, const struct run_wanted *wanted,
                   uint64_t end, bool stops)
{
  bool is_done = true;
  run->is_found = false;
  run->wanted = wanted;
  watch_start(&run->watch, run->heap, wanted->kinds, note_event, run);
  watch_number(&run->watch, run->at + 1);
  while (is_done && run->at < end && !(stops && run->is_found))
    is_done = run_advance_to(run, run->at + 1);
  watch_stop(&run->watch);
  return is_done;
}

bool run_forward(struct run *run, const struct run_wanted *wanted)
{
  uint64_t at = run->at;
  run->error[0] = '\0';
  if (!search(run, wanted, run_length(run), true) || !run->is_found) {
    if (run->at > at)
      run_look_again(run);
    return false;
  }
  return run_go_to(run, run->found.request - 1) && run_step(run);
}

/* The last such event of the requests up to 'end', by stretches, backwards. */
static bool search_back(struct run *run, const struct run_wanted *wanted,
                        uint64_t end)
{
  run->is_found = false;
  while (end > 0 && !run->is_found) {
    uint64_t start = run_mark_before(run, end - 1);
    if (!run_go_to(run, start) || !search(run, wanted, end, false))
      return false;
    end = start;
  }
  return run->is_found;
}

bool run_backward(struct run *run, const struct run_wanted *wanted)
{
  uint64_t at = run->at;
  if (at == 0 || !search_back(run, wanted, at - 1)) {
    (void)run_seek(run, 0);
    run->events.count = 0;
    return false;
  }
  run->events.count = 0;
  return run_go_to(run, run->found.request - 1) && run_step(run);
}

bool run_last(struct run *run, const struct run_wanted *wanted,
              struct event *event)
{
  uint64_t at = run->at;
  bool is_found = search_back(run, wanted, at);
  *event = run->found;
  return run_go_to(run, at) && is_found; /* its events are still there */
}

bool run_what_if_free(struct run *run, void *freed, struct run_events *events)
{
  struct checkpoint now = {0};
  *events = (struct run_events){0};
  if (!checkpoint_take(&now, run->heap)) {
    checkpoint_drop(&now);
    return false;
  }
  watch_start(&run->watch, run->heap, EVENT_ALL, run_add_event, events);
  watch_number(&run->watch, run->at + 1);
  pym_free(run->heap, freed);
  watch_stop(&run->watch);
  checkpoint_restore(&now, run->heap);
  checkpoint_drop(&now);
  return !events->is_cut;
}
