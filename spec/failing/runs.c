/*
** Cases for timelines: movements, and requests that are added.
*/
#include <string.h>

#include "failing.h"

#include "timeline/checkpoint.h"
#include "timeline/timeline.h"
#include "timeline/timeline_bytes.h"

#define ADDED 300u
#define KEPT 600u

static void move(struct timeline *run)
{
  static const struct timeline_wanted full = {
      (uint64_t)1 << EVENT_POOL_FULL, EVENT_NOWHERE, EVENT_FIELD_COUNT, 0};
  static const struct timeline_wanted none = {0, EVENT_NOWHERE,
                                              EVENT_FIELD_COUNT, 0};
  struct timeline_events events;
  struct event event;
  for (uint64_t at = 0; at <= timeline_length(run); at += 300)
    MUST(timeline_seek(run, at) && run->at == at);
  for (uint64_t at = timeline_length(run); at > 300; at -= 300)
    MUST(timeline_seek(run, at) && run->at == at);
  for (unsigned i = 0; i < 3; i++)
    (void)(timeline_forward(run, &full) && timeline_backward(run, &full));
  (void)timeline_last(run, &full, &event);
  (void)timeline_last(run, &none, &event);
  MUST(timeline_seek(run, 500));
  const struct timeline_live *live = timeline_find_id(run, 400);
  if (live != NULL) {
    (void)timeline_what_if_free(run, live->block, &events);
    timeline_events_close(&events);
  }
  (void)timeline_backward(run, &none);
  (void)timeline_forward(run, &none);
  MUST(pym_check(run->heap, NULL));
}

static void run_run(struct stage *stage)
{
  char why[TRACE_ERROR_BYTES] = "";
  const char *text = failing_text();
  pym_options options = failing_small_options();
  struct trace *trace = trace_open_text(text, strlen(text), "text");
  (void)stage;
  if (trace == NULL)
    return;
  struct timeline *run = timeline_open(trace, 0, &options, why, sizeof why);
  MUST(run != NULL || why[0] != '\0');
  if (run != NULL)
    move(run);
  timeline_close(run);
  trace_close(trace);
}

static void run_run_of(struct stage *stage)
{
  char why[TRACE_ERROR_BYTES] = "";
  const char *text = failing_rich_text();
  pym_options options = failing_small_options();
  struct trace *trace = trace_open_text(text, strlen(text), "text");
  (void)stage;
  if (trace == NULL)
    return;
  struct timeline *run = timeline_open(trace, 1, &options, why, sizeof why);
  MUST(run != NULL || why[0] != '\0');
  MUST(run == NULL || timeline_length(run) == FAILING_MARKS / 4 * 2);
  timeline_close(run);
  trace_close(trace);
}

/* Each request that is added has a new id and a site. */
static void add_to(struct timeline *run)
{
  MUST(timeline_seek(run, timeline_length(run)));
  for (unsigned i = 0; i < ADDED; i++) {
    const struct trace_op op = {
        .letter = TRACE_MALLOC, .id = 1000000 + i, .bytes = i % 99, .site = 1};
    uint64_t length = timeline_length(run);
    bool is_added = timeline_append(run, &op);
    MUST(timeline_length(run) == length + is_added);
    MUST(is_added || run->error[0] != '\0');
    MUST(!is_added || timeline_seek(run, length + 1));
  }
}

static void look_at_bytes(struct timeline *run)
{
  struct timeline_bytes points[11];
  uint64_t length = timeline_length(run), at = run->at;
  uint64_t hash = timeline_digest(run);
  size_t count = timeline_curve(run, 0, length, 10, points);
  MUST(count == 11 && points[10].at == length);
  MUST(hash == timeline_digest(run) && run->at == at);
}

static void add_to_loaded(const struct loaded_trace *loaded)
{
  pym_options options = failing_small_options();
  struct timeline *run =
      timeline_open_loaded(loaded, loaded->count - 3, &options);
  if (run != NULL) {
    add_to(run);
    look_at_bytes(run);
  }
  timeline_close(run);
}

static void run_append(struct stage *stage)
{
  char why[TRACE_ERROR_BYTES] = "";
  struct loaded_trace loaded;
  const char *text = failing_rich_text();
  struct trace *trace = trace_open_text(text, strlen(text), "text");
  (void)stage;
  if (trace == NULL)
    return;
  if (loaded_trace_read(&loaded, trace, 0, why, sizeof why))
    add_to_loaded(&loaded);
  loaded_trace_close(&loaded);
  trace_close(trace);
}

/*
** A checkpoint whose pools take more bytes than the room beyond its head, so
** that it grows again for a pool.
*/
static void run_checkpoint(struct stage *stage)
{
  pym_options options = failing_small_options();
  pym_heap *heap = pym_heap_new(&options);
  struct checkpoint checkpoint = {0};
  void *kept[KEPT];
  (void)stage;
  if (heap == NULL)
    return;
  for (unsigned i = 0; i < KEPT; i++)
    kept[i] = pym_malloc(heap, 64);
  if (checkpoint_take(&checkpoint, heap))
    checkpoint_restore(&checkpoint, heap);
  checkpoint_drop(&checkpoint);
  MUST(pym_check(heap, NULL));
  for (unsigned i = 0; i < KEPT; i++)
    pym_free(heap, kept[i]);
  pym_heap_delete(heap);
}

const struct failing_case failing_runs[] = {
    {"run", WHOLE, run_run},
    {"run of one interpreter of several", WHOLE, run_run_of},
    {"requests added to a run", WHOLE, run_append},
    {"checkpoint of many pools", WHOLE, run_checkpoint},
    {NULL, WHOLE, NULL}};
