#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
** {==================================================================
** Checkpoints
** ===================================================================
*/

static void drop_mark(struct run *run, struct run_mark *mark)
{
  run->mark_bytes -= mark->heap.filled + mark->live_count * sizeof *mark->live;
  checkpoint_drop(&mark->heap);
  free(mark->live);
}

static bool save_live(const struct run *run, struct run_mark *mark)
{
  size_t count = 0;
  for (size_t i = 0; i < run->requests.handle_count; i++)
    count += run->live[i].block != NULL;
  mark->live = malloc((count + 1) * sizeof *mark->live);
  mark->live_count = 0;
  if (mark->live == NULL)
    return false;
  for (size_t i = 0; i < run->requests.handle_count; i++)
    if (run->live[i].block != NULL)
      mark->live[mark->live_count++] = (struct run_live_saved){
          (uint32_t)i, (uint32_t)run->live[i].request, run->live[i].block};
  return true;
}

static bool take_mark(const struct run *run, struct run_mark *mark)
{
  *mark = (struct run_mark){.at = run->at};
  if (checkpoint_take(&mark->heap, run->heap) && save_live(run, mark))
    return true;
  checkpoint_drop(&mark->heap);
  return false;
}

/* Too many bytes? Then every second one is enough. */
static void thin_marks(struct run *run)
{
  size_t kept = 0;
  if (run->mark_bytes <= RUN_CHECKPOINT_BYTES ||
      run->mark_count < 2 * RUN_CHECKPOINTS_MIN)
    return;
  for (size_t i = 0; i < run->mark_count; i++)
    if (i % 2 == 0)
      run->marks[kept++] = run->marks[i];
    else
      drop_mark(run, &run->marks[i]);
  run->mark_count = kept;
  run->interval *= 2;
}

/* Is a checkpoint due here that is not there yet? One less does no harm. */
static void add_mark(struct run *run)
{
  struct run_mark *mark = &run->marks[run->mark_count];
  if (run->at != run->mark_count * run->interval || !take_mark(run, mark))
    return;
  run->mark_count++;
  run->mark_bytes += mark->heap.filled + mark->live_count * sizeof *mark->live;
  thin_marks(run);
}

static size_t mark_index(const struct run *run, uint64_t at)
{
  size_t index = (size_t)(at / run->interval);
  return index < run->mark_count ? index : run->mark_count - 1;
}

uint64_t run_mark_before(const struct run *run, uint64_t at)
{
  return run->marks[mark_index(run, at)].at;
}

static void restore_mark(struct run *run, const struct run_mark *mark)
{
  const struct requests *requests = &run->requests;
  checkpoint_restore(&mark->heap, run->heap);
  run->at = mark->at;
  run->next_allowance = 0;
  while (run->next_allowance < requests->allowance_count &&
         requests->allowances[run->next_allowance].after < run->at)
    run->next_allowance++;
  memset(run->live, 0, requests->handle_count * sizeof run->live[0]);
  for (size_t i = 0; i < mark->live_count; i++)
    run->live[mark->live[i].handle] =
        (struct run_live){mark->live[i].block, mark->live[i].request};
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

static void allow_arenas(struct run *run)
{
  const struct requests *requests = &run->requests;
  for (; run->next_allowance < requests->allowance_count &&
         requests->allowances[run->next_allowance].after == run->at;
       run->next_allowance++)
    pym_heap_allow_arenas(run->heap,
                          requests->allowances[run->next_allowance].arenas);
}

static bool fail_for_live_id(struct run *run, uint64_t id)
{
  (void)snprintf(run->error, sizeof run->error,
                 "request %llu: id %llu is live already",
                 (unsigned long long)run->at + 1, (unsigned long long)id);
  return false;
}

/* A refused request leaves an id that was live as it was. */
static inline void serve(struct run *run, struct run_live *live, void *served)
{
  if (unlikely(served == NULL))
    return;
  live->block = served;
  live->request = run->at + 1;
}

static inline void end_block(struct run *run, uint32_t handle)
{
  void *freed = NULL;
  if (likely(handle != REQUESTS_NO_HANDLE)) {
    freed = run->live[handle].block;
    run->live[handle].block = NULL;
  }
  pym_free(run->heap, freed);
}

static inline bool run_request(struct run *run, const struct request *request)
{
  struct run_live *live;
  if (request->letter == 'f') {
    end_block(run, request->handle);
    return true;
  }
  live = &run->live[request->handle];
  switch (request->letter) {
  case 'a':
    if (unlikely(live->block != NULL))
      return fail_for_live_id(run, request->id);
    serve(run, live, pym_malloc(run->heap, request->bytes));
    return true;
  case 'c':
    if (unlikely(live->block != NULL))
      return fail_for_live_id(run, request->id);
    serve(run, live, pym_calloc(run->heap, 1, request->bytes));
    return true;
  default: /* r */
    serve(run, live, pym_realloc(run->heap, live->block, request->bytes));
    return true;
  }
}

/* One request, which exists. */
static inline bool advance(struct run *run)
{
  if (unlikely(run->next_allowance < run->requests.allowance_count))
    allow_arenas(run);
  if (unlikely(!run_request(run, &run->requests.items[run->at])))
    return false;
  run->at++;
  return true;
}

/* To a later time; checkpoints that are due on the way are taken. */
static bool advance_to(struct run *run, uint64_t at)
{
  while (run->at < at) {
    uint64_t due = run->mark_count * run->interval;
    uint64_t stop = due > run->at && due < at ? due : at;
    while (run->at < stop)
      if (unlikely(!advance(run)))
        return false;
    add_mark(run);
  }
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Movement
** ===================================================================
*/

static void add_event(void *context, const struct event *event)
{
  struct run_events *events = context;
  if (events->count == events->capacity) {
    size_t capacity = events->capacity == 0 ? 32 : 2 * events->capacity;
    struct event *grown = realloc(events->items, capacity * sizeof *grown);
    events->is_cut |= grown == NULL;
    if (grown == NULL)
      return;
    events->items = grown;
    events->capacity = capacity;
  }
  events->items[events->count++] = *event;
}

/* One request, with its events. */
static bool step(struct run *run)
{
  run->events.count = 0;
  run->events.is_cut = false;
  watch_start(&run->watch, run->heap, EVENT_ALL, add_event, &run->events);
  watch_number(&run->watch, run->at + 1);
  bool is_done = advance(run);
  watch_stop(&run->watch);
  add_mark(run);
  return is_done;
}

/* Anywhere, without looking at the last request. */
static bool go_to(struct run *run, uint64_t at)
{
  const struct run_mark *mark = &run->marks[mark_index(run, at)];
  if (run->at > at || run->at < mark->at)
    restore_mark(run, mark);
  return advance_to(run, at);
}

bool run_seek(struct run *run, uint64_t at)
{
  if (at == run->at)
    return true;
  run->events.count = 0;
  if (at == 0)
    return go_to(run, 0);
  return go_to(run, at - 1) && step(run);
}

/* }================================================================== */

/*
** {==================================================================
** Searches
** ===================================================================
*/

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
    is_done = advance_to(run, run->at + 1);
  watch_stop(&run->watch);
  return is_done;
}

bool run_forward(struct run *run, const struct run_wanted *wanted)
{
  uint64_t at = run->at;
  if (!search(run, wanted, run_length(run), true) || !run->is_found) {
    uint64_t end = run->at; /* its events are wanted, too */
    if (end > at)
      (void)(go_to(run, end - 1) && step(run));
    return false;
  }
  return go_to(run, run->found.request - 1) && step(run);
}

/* The last such event of the requests up to 'end', by stretches, backwards. */
static bool search_back(struct run *run, const struct run_wanted *wanted,
                        uint64_t end)
{
  run->is_found = false;
  while (end > 0 && !run->is_found) {
    uint64_t start = run_mark_before(run, end - 1);
    if (!go_to(run, start) || !search(run, wanted, end, false))
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
  return go_to(run, run->found.request - 1) && step(run);
}

bool run_last(struct run *run, const struct run_wanted *wanted,
              struct event *event)
{
  uint64_t at = run->at;
  bool is_found = search_back(run, wanted, at);
  *event = run->found;
  return go_to(run, at) && is_found; /* its events are still there */
}

bool run_what_if_free(struct run *run, void *freed, struct run_events *events)
{
  struct checkpoint now = {0};
  *events = (struct run_events){0};
  if (!checkpoint_take(&now, run->heap)) {
    checkpoint_drop(&now);
    return false;
  }
  watch_start(&run->watch, run->heap, EVENT_ALL, add_event, events);
  watch_number(&run->watch, run->at + 1);
  pym_free(run->heap, freed);
  watch_stop(&run->watch);
  checkpoint_restore(&now, run->heap);
  checkpoint_drop(&now);
  return !events->is_cut;
}

void run_events_close(struct run_events *events)
{
  free(events->items);
  *events = (struct run_events){0};
}

/* }================================================================== */

/*
** {==================================================================
** Live blocks
** ===================================================================
*/

const struct run_live *run_find_id(const struct run *run, uint64_t id)
{
  for (size_t i = 0; i < run->requests.handle_count; i++)
    if (run->live[i].block != NULL &&
        run_request_of(run, &run->live[i])->id == id)
      return &run->live[i];
  return NULL;
}

const struct run_live *run_find_block(const struct run *run, const void *first)
{
  for (size_t i = 0; i < run->requests.handle_count; i++)
    if (first != NULL && run->live[i].block == first)
      return &run->live[i];
  return NULL;
}

/* }================================================================== */

/*
** {==================================================================
** Life of a run
** ===================================================================
*/

static uint64_t interval_for(uint64_t length)
{
  uint64_t interval = length / RUN_CHECKPOINTS + 1;
  return interval < RUN_INTERVAL_MIN ? RUN_INTERVAL_MIN : interval;
}

static bool open_heap(struct run *run, const pym_options *options)
{
  pym_options own = *options;
  if (!run_memory_open(&run->memory, &own))
    return false;
  run->heap = pym_heap_new(&own);
  run->memory.is_serving = true;
  return run->heap != NULL && run->heap->layer == NULL;
}

/* With the requests read. */
static bool open_parts(struct run *run, const pym_options *options)
{
  run->live = calloc(run->requests.handle_count + 1, sizeof *run->live);
  run->marks = calloc(RUN_CHECKPOINTS + 2, sizeof *run->marks);
  run->interval = interval_for(run_length(run));
  if (run->live == NULL || run->marks == NULL || !open_heap(run, options))
    return false;
  add_mark(run);
  return run->mark_count > 0;
}

struct run *run_open(struct trace *trace, const pym_options *options, char *why,
                     size_t why_bytes)
{
  struct run *run = calloc(1, sizeof *run);
  (void)snprintf(why, why_bytes, "not enough memory");
  if (run == NULL)
    return NULL;
  if (requests_read(&run->requests, trace, why, why_bytes) &&
      open_parts(run, options))
    return run;
  run_close(run);
  return NULL;
}

void run_close(struct run *run)
{
  if (run == NULL)
    return;
  for (size_t i = 0; i < run->mark_count; i++)
    drop_mark(run, &run->marks[i]);
  pym_heap_delete(run->heap);
  run_memory_close(&run->memory);
  run_events_close(&run->events);
  requests_close(&run->requests);
  free(run->marks);
  free(run->live);
  free(run);
}

/* }================================================================== */
