#define _GNU_SOURCE

#include "data.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "trace/trace.h"

struct bench_data bench_data;

#define REQUESTS_MAX 2000000u

void *data_map(size_t bytes)
{
  void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (mapped == MAP_FAILED) {
    perror("bench: mmap");
    exit(1);
  }
  return mapped;
}

void data_set_up(size_t held_count)
{
  uint32_t state = 99;
  if (held_count < 4 * HELD_MAX)
    held_count = 4 * HELD_MAX;
  bench_data.held = data_map(held_count * sizeof *bench_data.held);
  bench_data.order = data_map(HELD_MAX * sizeof *bench_data.order);
  for (uint32_t i = 0; i < HELD_MAX; i++)
    bench_data.order[i] = i;
  for (uint32_t i = HELD_MAX - 1; i > 0; i--) {
    uint32_t k = draw(&state) % (i + 1), was = bench_data.order[i];
    bench_data.order[i] = bench_data.order[k];
    bench_data.order[k] = was;
  }
}

/* Adds a request to a recording; a calloc becomes a malloc of the product. */
static void add(struct recording *recording, const struct trace_op *op)
{
  bool is_calloc = op->letter == TRACE_CALLOC;
  if (!trace_is_request(op->letter) || op->id >= 4 * HELD_MAX)
    return;
  recording->requests[recording->request_count++] = (struct request){
      .letter = is_calloc ? TRACE_MALLOC : op->letter,
      .id = (uint32_t)op->id,
      .bytes = (uint32_t)(is_calloc ? op->count * op->bytes : op->bytes)};
  if (op->id >= recording->id_count)
    recording->id_count = (size_t)op->id + 1;
}

static void load(struct recording *recording, const char *path)
{
  char why[TRACE_ERROR_BYTES];
  struct trace_op op = {0};
  struct trace *trace = trace_open(path, why, sizeof why);
  enum trace_status status = TRACE_OP;
  recording->requests = data_map(REQUESTS_MAX * sizeof *recording->requests);
  while (trace != NULL && recording->request_count < REQUESTS_MAX &&
         (status = trace_next(trace, &op)) == TRACE_OP)
    add(recording, &op);
  if (trace == NULL || status == TRACE_ERROR)
    (void)fprintf(stderr, "bench: %s\n",
                  trace == NULL ? why : trace_error(trace));
  trace_close(trace);
}

void data_load_traces(const char *folder)
{
  static const char *const names[RECORDING_COUNT] = {"json", "startup"};
  char path[256];
  for (size_t i = 0; i < RECORDING_COUNT; i++) {
    (void)snprintf(path, sizeof path, "%s/cpython-%s.trace.xz", folder,
                   names[i]);
    load(&bench_data.recordings[i], path);
  }
}
