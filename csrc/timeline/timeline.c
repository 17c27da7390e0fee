#include "timeline/timeline.h"

#include <stdio.h>
#include <stdlib.h>

#include "timeline/timeline_parts.h"

/*
** {==================================================================
** Requests
** ===================================================================
*/

static void allow_arenas(struct timeline *timeline)
{
  const struct loaded_trace *loaded = &timeline->trace;
  for (; timeline->next_allowance < loaded->allowance_count &&
         loaded->allowances[timeline->next_allowance].after == timeline->at;
       timeline->next_allowance++)
    loaded_trace_allow(&loaded->allowances[timeline->next_allowance],
                       timeline->heap);
}

static bool fail_for_live_id(struct timeline *timeline)
{
  uint64_t number = timeline->at + 1;
  (void)snprintf(timeline->error, sizeof timeline->error,
                 "request %llu: id %llu is live already",
                 (unsigned long long)number,
                 (unsigned long long)loaded_trace_id(&timeline->trace, number));
  return false;
}

/* Notes the block of an id. A refused request leaves the id as it was. */
static inline void serve(struct timeline *timeline, struct timeline_live *live,
                         void *served)
{
  if (unlikely(served == NULL))
    return;
  assert(timeline->at + 1 <= timeline->trace.count);
  live->block = served;
  live->request = timeline->at + 1;
}

static inline void end_block(struct timeline *timeline, uint32_t handle)
{
  void *freed = NULL;
  if (likely(handle != LOADED_TRACE_NO_HANDLE)) {
    freed = timeline->live[handle].block;
    timeline->live[handle].block = NULL;
  }
  pym_free(timeline->heap, freed);
}

/*
** The size that the heap is asked for. On a machine of 32 bits, REQUEST_MAX
** stands for all larger sizes up to TIMELINE_RAW_BYTES_MAX: the raw blocks of a
** timeline are all at one address, so that no memory is needed for any of them.
*/
static inline size_t size_for_heap(uint64_t bytes)
{
  /* GCOVR_EXCL_BR_START: on 64 bits REQUEST_MAX is above the other limit */
  return bytes > REQUEST_MAX && bytes <= TIMELINE_RAW_BYTES_MAX
             ? REQUEST_MAX
             : size_of_number(bytes);
  /* GCOVR_EXCL_BR_STOP */
}

static inline bool timeline_request(struct timeline *timeline,
                                    const struct request *request)
{
  struct timeline_live *live;
  if (request->letter == TRACE_FREE) {
    end_block(timeline, request->handle);
    return true;
  }
  assert(request->handle < timeline->trace.handle_count);
  live = &timeline->live[request->handle];
  size_t bytes = size_for_heap(request->bytes);
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (request->letter) {
  /* GCOVR_EXCL_BR_STOP */
  case TRACE_MALLOC:
    if (unlikely(live->block != NULL))
      return fail_for_live_id(timeline);
    serve(timeline, live, pym_malloc(timeline->heap, bytes));
    return true;
  case TRACE_CALLOC:
    /* GCOVR_EXCL_BR_START: only one of the two letters is tested with a live
       id */
    if (unlikely(live->block != NULL))
      return fail_for_live_id(timeline);
    /* GCOVR_EXCL_BR_STOP */
    serve(timeline, live, pym_calloc(timeline->heap, 1, bytes));
    return true;
  case TRACE_REALLOC:
    serve(timeline, live, pym_realloc(timeline->heap, live->block, bytes));
    return true;
  case TRACE_FREE: /* done above; the rest is not a request */
  case TRACE_DUMP:
  case TRACE_REPORT:
  case TRACE_CHECK:
  case TRACE_ALLOW:
  case TRACE_OFFSET:
  case TRACE_SITE:
  case TRACE_MARK:
  case TRACE_INTERPRETER:
    break;
  }
  return true;
}

/* Runs the next request. There must be one. */
static inline bool advance(struct timeline *timeline)
{
  assert(timeline->at < timeline->trace.count);
  if (unlikely(timeline->next_allowance < timeline->trace.allowance_count))
    allow_arenas(timeline);
  if (unlikely(
          !timeline_request(timeline, &timeline->trace.items[timeline->at])))
    return false;
  timeline->at++;
  return true;
}

bool timeline_advance_to(struct timeline *timeline, uint64_t at)
{
  while (timeline->at < at) {
    uint64_t due = timeline->checkpoint_count * timeline->interval;
    uint64_t stop = due > timeline->at && due < at ? due : at;
    while (timeline->at < stop)
      if (unlikely(!advance(timeline)))
        return false;
    timeline_add_checkpoint(timeline);
  }
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Movement
** ===================================================================
*/

void timeline_add_event(void *context, const struct event *event)
{
  struct timeline_events *events = context;
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

bool timeline_step(struct timeline *timeline)
{
  timeline->events.count = 0;
  timeline->events.is_cut = false;
  watch_start(&timeline->watch, timeline->heap, EVENT_ALL, timeline_add_event,
              &timeline->events);
  watch_number(&timeline->watch, timeline->at + 1);
  bool is_done = advance(timeline);
  watch_stop(&timeline->watch);
  for (size_t i = 0; i < timeline->events.count; i++)
    timeline_set_bytes(timeline, &timeline->events.items[i]);
  timeline_add_checkpoint(timeline);
  return is_done;
}

bool timeline_go_to(struct timeline *timeline, uint64_t at)
{
  const struct timeline_checkpoint *checkpoint =
      timeline_find_checkpoint(timeline, at);
  if (timeline->at > at || timeline->at < checkpoint->at)
    timeline_restore_checkpoint(timeline, checkpoint);
  return timeline_advance_to(timeline, at);
}

void timeline_look_again(struct timeline *timeline)
{
  uint64_t at = timeline->at;
  timeline->events.count = 0;
  assert(at <= timeline_length(timeline));
  /* GCOVR_EXCL_BR_START: no search in the tests ends at 0 this way; requests
     that were run once can be run again */
  if (at > 0)
    (void)(timeline_go_to(timeline, at - 1) && timeline_step(timeline));
  /* GCOVR_EXCL_BR_STOP */
}

bool timeline_seek(struct timeline *timeline, uint64_t at)
{
  assert(at <= timeline_length(timeline));
  if (at == timeline->at)
    return true;
  timeline->events.count = 0;
  if (at == 0)
    return timeline_go_to(timeline, 0);
  if (timeline_go_to(timeline, at - 1) && timeline_step(timeline))
    return true;
  timeline_look_again(timeline);
  return false;
}

void timeline_events_close(struct timeline_events *events)
{
  free(events->items);
  *events = (struct timeline_events){0};
}

/* }================================================================== */

/*
** {==================================================================
** Live blocks
** ===================================================================
*/

const struct timeline_live *timeline_find_id(const struct timeline *timeline,
                                             uint64_t id)
{
  for (size_t i = 0; i < timeline->trace.handle_count; i++)
    if (timeline->live[i].block != NULL &&
        loaded_trace_id(&timeline->trace, timeline->live[i].request) == id)
      return &timeline->live[i];
  return NULL;
}

const struct timeline_live *timeline_find_block(const struct timeline *timeline,
                                                const void *first)
{
  /* GCOVR_EXCL_BR_START: no address in the tests is of a block that is not
     live */
  for (size_t i = 0; i < timeline->trace.handle_count; i++)
    if (first != NULL && timeline->live[i].block == first)
      return &timeline->live[i];
  /* GCOVR_EXCL_BR_STOP */
  return NULL;
}

/* }================================================================== */

/*
** {==================================================================
** Beginning and end of a timeline
** ===================================================================
*/

static bool open_heap(struct timeline *timeline, const pym_options *options)
{
  pym_options own = *options;
  if (!timeline_memory_open(&timeline->memory, &own))
    return false;
  timeline->heap = pym_heap_new(&own);
  timeline->memory.is_serving = true;
  /* GCOVR_EXCL_BR_START: options that give a heap a layer are refused before */
  return timeline->heap != NULL && timeline->heap->layer == NULL;
  /* GCOVR_EXCL_BR_STOP */
}

/* Makes the parts of a timeline whose requests are read. */
static bool open_parts(struct timeline *timeline, const pym_options *options)
{
  timeline->live =
      calloc(timeline->trace.handle_count + 1, sizeof *timeline->live);
  if (timeline->live == NULL || !timeline_open_checkpoints(timeline) ||
      !open_heap(timeline, options))
    return false;
  timeline_add_checkpoint(timeline);
  return timeline->checkpoint_count > 0;
}

struct timeline *timeline_open(struct trace *trace, size_t interpreter,
                               const pym_options *options, char *why,
                               size_t why_bytes)
{
  struct timeline *timeline = calloc(1, sizeof *timeline);
  (void)snprintf(why, why_bytes, "not enough memory");
  if (timeline == NULL)
    return NULL;
  if (loaded_trace_read(&timeline->trace, trace, interpreter, why, why_bytes) &&
      open_parts(timeline, options))
    return timeline;
  timeline_close(timeline);
  return NULL;
}

struct timeline *timeline_open_loaded(const struct loaded_trace *loaded,
                                      size_t count, const pym_options *options)
{
  struct timeline *timeline = calloc(1, sizeof *timeline);
  assert(count <= loaded->count);
  if (timeline == NULL)
    return NULL;
  timeline->trace = *loaded;
  timeline->borrows_trace = true;
  loaded_trace_cut(&timeline->trace, count);
  if (open_parts(timeline, options))
    return timeline;
  timeline_close(timeline);
  return NULL;
}

void timeline_close(struct timeline *timeline)
{
  if (timeline == NULL)
    return;
  timeline_close_checkpoints(timeline);
  pym_heap_delete(timeline->heap);
  timeline_memory_close(&timeline->memory);
  timeline_events_close(&timeline->events);
  if (!timeline->borrows_trace)
    loaded_trace_close(&timeline->trace);
  free(timeline->live);
  free(timeline);
}

/* }================================================================== */
