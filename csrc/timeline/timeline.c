#include "timeline/timeline.h"

#include <stdio.h>
#include <stdlib.h>

#include "timeline/timeline_parts.h"

/*
** {==================================================================
** Requests
** ===================================================================
*/

static void allow_arenas(struct run *run)
{
  const struct loaded_trace *loaded = &run->trace;
  for (; run->next_allowance < loaded->allowance_count &&
         loaded->allowances[run->next_allowance].after == run->at;
       run->next_allowance++)
    pym_heap_allow_arenas(run->heap,
                          loaded->allowances[run->next_allowance].arenas);
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
  if (likely(handle != LOADED_TRACE_NO_HANDLE)) {
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
  if (unlikely(run->next_allowance < run->trace.allowance_count))
    allow_arenas(run);
  if (unlikely(!run_request(run, &run->trace.items[run->at])))
    return false;
  run->at++;
  return true;
}

bool run_advance_to(struct run *run, uint64_t at)
{
  while (run->at < at) {
    uint64_t due = run->mark_count * run->interval;
    uint64_t stop = due > run->at && due < at ? due : at;
    while (run->at < stop)
      if (unlikely(!advance(run)))
        return false;
    run_add_mark(run);
  }
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Movement
** ===================================================================
*/

void run_add_event(void *context, const struct event *event)
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

bool run_step(struct run *run)
{
  run->events.count = 0;
  run->events.is_cut = false;
  watch_start(&run->watch, run->heap, EVENT_ALL, run_add_event, &run->events);
  watch_number(&run->watch, run->at + 1);
  bool is_done = advance(run);
  watch_stop(&run->watch);
  run_add_mark(run);
  return is_done;
}

bool run_go_to(struct run *run, uint64_t at)
{
  const struct run_mark *mark = run_find_mark(run, at);
  if (run->at > at || run->at < mark->at)
    run_restore_mark(run, mark);
  return run_advance_to(run, at);
}

void run_look_again(struct run *run)
{
  uint64_t at = run->at;
  run->events.count = 0;
  if (at > 0)
    (void)(run_go_to(run, at - 1) && run_step(run));
}

bool run_seek(struct run *run, uint64_t at)
{
  if (at == run->at)
    return true;
  run->events.count = 0;
  if (at == 0)
    return run_go_to(run, 0);
  if (run_go_to(run, at - 1) && run_step(run))
    return true;
  run_look_again(run);
  return false;
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
  for (size_t i = 0; i < run->trace.handle_count; i++)
    if (run->live[i].block != NULL &&
        run_request_of(run, &run->live[i])->id == id)
      return &run->live[i];
  return NULL;
}

const struct run_live *run_find_block(const struct run *run, const void *first)
{
  for (size_t i = 0; i < run->trace.handle_count; i++)
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
  run->live = calloc(run->trace.handle_count + 1, sizeof *run->live);
  if (run->live == NULL || !run_open_marks(run) || !open_heap(run, options))
    return false;
  run_add_mark(run);
  return run->mark_count > 0;
}

struct run *run_open(struct trace *trace, const pym_options *options, char *why,
                     size_t why_bytes)
{
  struct run *run = calloc(1, sizeof *run);
  (void)snprintf(why, why_bytes, "not enough memory");
  if (run == NULL)
    return NULL;
  if (loaded_trace_read(&run->trace, trace, why, why_bytes) &&
      open_parts(run, options))
    return run;
  run_close(run);
  return NULL;
}

void run_close(struct run *run)
{
  if (run == NULL)
    return;
  run_close_marks(run);
  pym_heap_delete(run->heap);
  run_memory_close(&run->memory);
  run_events_close(&run->events);
  run_events_close(&run->caused);
  loaded_trace_close(&run->trace);
  free(run->live);
  free(run);
}

/* }================================================================== */
