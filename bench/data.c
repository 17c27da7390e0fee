#define _GNU_SOURCE

#include "data.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

/* One request; false where a line is none. */
static bool parse(const char *line, struct request *request)
{
  char letter;
  unsigned long id, first = 0, second = 0;
  if (sscanf(line, "%c %lu %lu %lu", &letter, &id, &first, &second) < 2 ||
      strchr("acrf", letter) == NULL || id >= 4 * HELD_MAX)
    return false;
  *request = (struct request){
      .letter = letter == 'c' ? 'a' : letter,
      .id = (uint32_t)id,
      .bytes = (uint32_t)(letter == 'c' ? first * second : first)};
  return true;
}

static void load(struct recording *recording, const char *path)
{
  char command[512], line[128];
  (void)snprintf(command, sizeof command, "xz -dcf -- '%s'", path);
  FILE *lines = popen(command, "r");
  recording->requests = data_map(REQUESTS_MAX * sizeof *recording->requests);
  while (lines != NULL && recording->request_count < REQUESTS_MAX &&
         fgets(line, sizeof line, lines) != NULL) {
    struct request *request = &recording->requests[recording->request_count];
    if (!parse(line, request))
      continue;
    recording->request_count++;
    if (request->id >= recording->id_count)
      recording->id_count = (size_t)request->id + 1;
  }
  if (lines == NULL || pclose(lines) != 0 || recording->request_count == 0)
    (void)fprintf(stderr, "bench: cannot read %s\n", path);
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
