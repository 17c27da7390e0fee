/*
** Cases for the modules that use the C library directly: traces and the tools
** that unpack them, replays, measures. Each case makes its objects while calls
** fail.
*/
#include <stdio.h>
#include <string.h>

#include "failing.h"

#include "lab/oracle.h"
#include "lab/size_counts.h"
#include "trace/measure.h"
#include "trace/measure_cost.h"
#include "trace/replay.h"
#include "trace/space.h"

#define TEXT_BYTES 100000u
#define REQUESTS 1000u

/*
** Writes a trace with many live blocks and some lines of each other operation.
*/
const char *failing_text(void)
{
  static char text[TEXT_BYTES];
  size_t end = 0;
  if (text[0] != '\0')
    return text;
  for (unsigned i = 1; i <= REQUESTS && end + 100 < TEXT_BYTES; i++) {
    const char *form = i % 7 == 0    ? "f %u\n"
                       : i % 11 == 0 ? "r %u %u\n"
                                     : "a %u %u\n";
    unsigned id = i % 7 == 0 || i % 11 == 0 ? i - 3 : i;
    end += (size_t)snprintf(text + end, 40, form, id, i % 700 + 1);
    if (i % 100 == 0)
      end += (size_t)snprintf(text + end, 40, "c 9%u 3 5\nx 5\nx -1\nk\n", i);
  }
  return text;
}

#define SITES 70u

/*
** A chain of sites, and requests of the interpreters 0, 1, 9 and 10 with marks
** among them. The tables of sites, of marks and of texts have to grow.
*/
const char *failing_rich_text(void)
{
  static const unsigned interpreters[] = {0, 1, 9, 10};
  static char text[TEXT_BYTES];
  size_t end = 0;
  if (text[0] != '\0')
    return text;
  end += (size_t)snprintf(text, 40, "m a mark before the first site\n");
  for (unsigned i = 1; i <= SITES; i++)
    end +=
        (size_t)snprintf(text + end, 40, "w %u %u app.py:%u f\n", i, i - 1, i);
  for (unsigned i = 1; i <= FAILING_MARKS; i++)
    end += (size_t)snprintf(text + end, 199,
                            "i %u\na %u0 9\na %u1 600 @%u\nm %0100u\nx 5\nk\n",
                            interpreters[i % 4], i, i, i, i);
  return text;
}

pym_options failing_small_options(void)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("classroom")->geometry;
  options.reserve_bytes = (size_t)1 << 22;
  return options;
}

/*
** {==================================================================
** Traces and replays
** ===================================================================
*/

static void replay_on(struct trace *trace, pym_heap *heap,
                      const pym_options *others)
{
  const struct replay_options how = {.placements = true,
                                     .dump = true,
                                     .stats = true,
                                     .dump_every = 900,
                                     .heap_options = others,
                                     .write = failing_drop};
  struct replay *replay = replay_open(trace, heap, &how);
  if (replay == NULL)
    return;
  enum replay_status status = replay_run(replay, UINT64_MAX);
  MUST(status == REPLAY_DONE || status == REPLAY_NO_MEMORY ||
       status == REPLAY_TRACE);
  MUST(status == REPLAY_DONE || replay_error(replay)->text[0] != '\0');
  MUST(replay_run(replay, 1) == status);
  MUST(replay_heap_of(replay, 0) == heap);
  MUST(replay_heap_of(replay, replay_interpreter_end(replay)) == NULL);
  MUST(pym_check(heap, NULL));
  replay_close(replay);
}

/* Without 'others', a trace with interpreters other than 0 is refused. */
static void replay_with(struct trace *trace, const pym_options *others)
{
  pym_options options = failing_small_options();
  pym_heap *heap = trace != NULL ? pym_heap_new(&options) : NULL;
  if (heap != NULL)
    replay_on(trace, heap, others);
  pym_heap_delete(heap);
  trace_close(trace);
}

static void replay(struct trace *trace)
{
  replay_with(trace, NULL);
}

static void run_interpreters(struct stage *stage)
{
  const char *text = failing_rich_text();
  pym_options options = failing_small_options();
  (void)stage;
  replay_with(trace_open_text(text, strlen(text), "text"), &options);
  replay(trace_open_text(text, strlen(text), "text"));
}

static void run_replay(struct stage *stage)
{
  const char *text = failing_text();
  (void)stage;
  replay(trace_open_text(text, strlen(text), "text"));
}

/* Replays traces in files; a tool unpacks one of them. */
static void run_files(struct stage *stage)
{
  static const char *const paths[] = {"short.trace", "short.trace.gz",
                                      "damaged.trace.gz", "none.trace"};
  (void)stage;
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    char why[TRACE_ERROR_BYTES] = "";
    struct trace *trace = trace_open(paths[i], why, sizeof why);
    MUST(trace != NULL || why[0] != '\0');
    replay(trace);
  }
}

/* Closes a packed trace before its end, so that its tool is stopped. */
static void run_unread(struct stage *stage)
{
  char why[TRACE_ERROR_BYTES];
  struct trace_op op;
  struct trace *trace = trace_open("long.trace.gz", why, sizeof why);
  (void)stage;
  if (trace != NULL)
    (void)trace_next(trace, &op);
  trace_close(trace);
}

/* }================================================================== */

/*
** {==================================================================
** Measures
** ===================================================================
*/

#define MEASURED_REQUESTS 250u

static void measure(const struct loaded_trace *loaded)
{
  struct measures found;
  pym_options options = failing_small_options();
  if (measure_trace(loaded, &options, 20, &found)) {
    MUST(found.series_done == 20);
    MUST(found.series[19].requests == loaded->count);
    const struct waste *waste = &found.waste;
    MUST(found.peak.held == found.peak.live + waste->rounding + waste->headers +
                                waste->free + waste->unused);
  }
  measures_close(&found);
}

/* The second of three passes takes the least. */
static void measure_costs(const struct loaded_trace *loaded)
{
  static const unsigned readings[SYSTEM_READINGS] = {100, 30, 100, 10, 100, 20};
  struct measure_cost cost;
  pym_options options = failing_small_options();
  system_set_readings(readings);
  if (measure_cost(loaded, &options, &cost)) {
    MUST(cost.seconds > 9.9 && cost.seconds < 10.1);
    MUST(cost.has_page_faults && cost.page_faults == 10);
  }
  system_set_readings(NULL);
}

static void foresee(const struct loaded_trace *loaded)
{
  pym_options options = failing_small_options();
  for (int oracle = ORACLE_BYTES; oracle <= ORACLE_LIFETIMES; oracle++) {
    struct oracle_result found = {.addresses = NULL};
    if (measures_open(&found.measures, 7, loaded->count) &&
        oracle_run((enum oracle)oracle, loaded, &options.geometry, &found)) {
      MUST(found.measures.end.requests == loaded->count);
      MUST(found.measures.series_done == 7);
      MUST(found.measures.peak.held >= found.measures.peak.live);
    }
    measures_close(&found.measures);
  }
}

static void count_sizes(const struct loaded_trace *loaded)
{
  uint64_t requests[513] = {0}, live[513] = {0};
  struct size_counts counts = {requests, live, 512, 0, 0};
  if (size_counts_read(&counts, loaded))
    MUST(counts.peak_bytes > 0 && counts.peak_request <= loaded->count);
}

static void fill_space(const struct loaded_trace *loaded)
{
  struct space space;
  pym_options options = failing_small_options();
  if (space_of(loaded, &options, 20, 10, 5, &space)) {
    MUST(space.columns <= 20 && space.rows <= 10);
    MUST(space.all_count == (space.spans < 5 ? space.spans : 5));
  }
  space_close(&space);
}

void failing_with(const char *text, size_t count,
                  void (*use)(const struct loaded_trace *))
{
  char why[TRACE_ERROR_BYTES] = "";
  struct loaded_trace loaded;
  struct trace *trace = trace_open_text(text, strlen(text), "text");
  if (trace == NULL)
    return;
  if (loaded_trace_read_most(&loaded, trace, 0, count, why, sizeof why)) {
    MUST(loaded.count == count);
    use(&loaded);
  }
  loaded_trace_close(&loaded);
  trace_close(trace);
}

/* Runs 'use' on the first requests of a trace. */
static void with_requests(void (*use)(const struct loaded_trace *))
{
  failing_with(failing_text(), MEASURED_REQUESTS, use);
}

static void run_measure(struct stage *stage)
{
  (void)stage;
  with_requests(measure);
}

static void run_costs(struct stage *stage)
{
  (void)stage;
  with_requests(measure_costs);
}

static void run_oracles(struct stage *stage)
{
  (void)stage;
  with_requests(foresee);
}

static void run_analysis(struct stage *stage)
{
  (void)stage;
  with_requests(failing_analyse);
}

static void run_space(struct stage *stage)
{
  (void)stage;
  with_requests(fill_space);
}

static void run_size_counts(struct stage *stage)
{
  (void)stage;
  with_requests(count_sizes);
}

/* }================================================================== */

const struct failing_case failing_inner[] = {
    {"replay of a text", WHOLE, run_replay},
    {"replay of several interpreters", WHOLE, run_interpreters},
    {"replay of files, plain and packed", WHOLE, run_files},
    {"a trace that is closed before its end", WHOLE, run_unread},
    {"measures of a trace", WHOLE, run_measure},
    {"costs of a trace", WHOLE, run_costs},
    {"space of a trace", WHOLE, run_space},
    {"oracles", WHOLE, run_oracles},
    {"counts of sizes", WHOLE, run_size_counts},
    {"analysis of a trace", WHOLE, run_analysis},
    {NULL, WHOLE, NULL}};
