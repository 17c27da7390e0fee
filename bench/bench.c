/*
** Measures allocators side by side: every measurement in a process of its own,
** forked from this one, the allocators taking turns.
**
**   bench [--rounds N] [--scale N] [--peer NAME=PATH]... [--trace FILE]
**         [--only WORKLOAD[,WORKLOAD]...] [--peers PEER[,PEER]...]
**         [--count PEER WORKLOAD]
**
** Prints, tab separated: peer, workload, unit, core or extra, round,
** nanoseconds per operation, KiB at the peak, KiB kept when all is freed, KiB
** kept when it was asked to give back. --count does one workload once in this
** very process and prints the number of operations, for callgrind.
*/
#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peers.h"

#define REPETITIONS 5

static const struct {
  const char *name, *unit;
  bool is_core;
} workloads[] = {
#define WORKLOAD_ROW(name, unit, core, call) {#name, unit, core},
    WORKLOADS(WORKLOAD_ROW)};
#define WORKLOAD_COUNT (sizeof workloads / sizeof workloads[0])

static struct {
  size_t rounds, scale;
  const char *only, *peers, *trace;
} options = {.rounds = 5, .scale = 1};

/* Memory that no allocator of this process has to do with. */
static void *map(size_t bytes)
{
  void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (mapped == MAP_FAILED) {
    perror("bench: mmap");
    exit(1);
  }
  return mapped;
}

static void set_up_data(void)
{
  uint32_t state = 99;
  bench_data.held = map(4 * HELD_MAX * sizeof *bench_data.held);
  bench_data.order = map(HELD_MAX * sizeof *bench_data.order);
  for (uint32_t i = 0; i < HELD_MAX; i++)
    bench_data.order[i] = i;
  for (uint32_t i = HELD_MAX - 1; i > 0; i--) {
    uint32_t k = draw(&state) % (i + 1), was = bench_data.order[i];
    bench_data.order[i] = bench_data.order[k];
    bench_data.order[k] = was;
  }
}

/* Reads the a, c, r and f lines of a trace, unpacked by xz. */
static void load_trace(const char *path)
{
  char command[512], letter;
  size_t capacity = 8000000;
  unsigned long id, first, second;
  char line[128];
  (void)snprintf(command, sizeof command, "xz -dcf -- '%s'", path);
  FILE *lines = popen(command, "r");
  bench_data.requests = map(capacity * sizeof *bench_data.requests);
  while (lines != NULL && bench_data.request_count < capacity &&
         fgets(line, sizeof line, lines) != NULL) {
    first = second = 0;
    if (sscanf(line, "%c %lu %lu %lu", &letter, &id, &first, &second) < 2 ||
        strchr("acrf", letter) == NULL || id >= 4 * HELD_MAX)
      continue;
    size_t bytes = letter == 'c' ? first * second : first;
    bench_data.requests[bench_data.request_count++] =
        (struct request){.letter = letter == 'c' ? 'a' : letter,
                         .id = (uint32_t)id,
                         .bytes = (uint32_t)bytes};
    if (id >= bench_data.id_count)
      bench_data.id_count = id + 1;
  }
  if (lines != NULL)
    (void)pclose(lines);
}

static double now(void)
{
  struct timespec time;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* A line of /proc/self/status, in KiB. */
static long status_kib(const char *name)
{
  char line[128];
  long kib = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, name, strlen(name)) == 0)
      kib = atol(line + strlen(name) + 1);
  if (status != NULL)
    (void)fclose(status);
  return kib;
}

static int by_value(const void *a, const void *b)
{
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

/* In the child: runs one workload of one peer, and prints the line. */
static void measure(const struct peer *peer, size_t index, size_t round)
{
  double times[REPETITIONS];
  long start = status_kib("VmRSS:");
  (void)peer->workloads[index](options.scale); /* pages, predictors */
  long peak = status_kib("VmHWM:") - start;
  for (size_t i = 0; i < REPETITIONS; i++) {
    double begin = now();
    size_t operations = peer->workloads[index](options.scale);
    times[i] = (now() - begin) / (double)operations;
  }
  qsort(times, REPETITIONS, sizeof times[0], by_value);
  long kept = status_kib("VmRSS:") - start;
  if (peer->trim != NULL)
    peer->trim();
  printf("%s\t%s\t%s\t%s\t%zu\t%.3f\t%ld\t%ld\t%ld\n", peer->name,
         workloads[index].name, workloads[index].unit,
         workloads[index].is_core ? "core" : "extra", round,
         times[REPETITIONS / 2], peak, kept, status_kib("VmRSS:") - start);
}

static void measure_in_child(const struct peer *peer, size_t index,
                             size_t round)
{
  (void)fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    if (peer->open == NULL || peer->open(peer))
      measure(peer, index, round);
    (void)fflush(stdout);
    _exit(0);
  }
  (void)waitpid(child, NULL, 0);
}

/* Is a name in a list with commas? No list: yes. */
static bool is_listed(const char *list, const char *name)
{
  size_t length = strlen(name);
  if (list == NULL)
    return true;
  for (; list != NULL; list = strchr(list, ',')) {
    list += *list == ',';
    if (strncmp(list, name, length) == 0 &&
        (list[length] == ',' || list[length] == '\0'))
      return true;
  }
  return false;
}

static void run_all(void)
{
  size_t count;
  const struct peer *all = peers(&count);
  for (size_t round = 1; round <= options.rounds; round++)
    for (size_t i = 0; i < WORKLOAD_COUNT; i++)
      for (size_t k = 0; k < count; k++)
        if (is_listed(options.only, workloads[i].name) &&
            is_listed(options.peers, all[k].name) &&
            (options.trace != NULL || strcmp(workloads[i].name, "trace") != 0))
          measure_in_child(&all[k], i, round);
}

static int count_once(const char *peer_name, const char *workload)
{
  size_t count;
  const struct peer *all = peers(&count);
  for (size_t k = 0; k < count; k++)
    for (size_t i = 0; i < WORKLOAD_COUNT; i++)
      if (strcmp(all[k].name, peer_name) == 0 &&
          strcmp(workloads[i].name, workload) == 0 &&
          (all[k].open == NULL || all[k].open(&all[k]))) {
        printf("%zu\n",
               options.scale == 0 ? 0 : all[k].workloads[i](options.scale));
        return 0;
      }
  return 1;
}

int main(int argc, char **argv)
{
  const char *count_peer = NULL, *count_workload = NULL;
  for (int i = 1; i + 1 < argc; i += 2) {
    char *value = argv[i + 1], *equals = strchr(value, '=');
    if (strcmp(argv[i], "--rounds") == 0)
      options.rounds = strtoul(value, NULL, 10);
    else if (strcmp(argv[i], "--scale") == 0)
      options.scale = strtoul(value, NULL, 10);
    else if (strcmp(argv[i], "--only") == 0)
      options.only = value;
    else if (strcmp(argv[i], "--peers") == 0)
      options.peers = value;
    else if (strcmp(argv[i], "--trace") == 0)
      options.trace = value;
    else if (strcmp(argv[i], "--peer") == 0 && equals != NULL) {
      *equals = '\0';
      peer_set_path(value, equals + 1);
    } else if (strcmp(argv[i], "--count") == 0 && i + 2 < argc) {
      count_peer = value;
      count_workload = argv[++i + 1];
    } else {
      (void)fprintf(stderr, "bench: unknown option %s\n", argv[i]);
      return 2;
    }
  }
  set_up_data();
  if (options.trace != NULL)
    load_trace(options.trace);
  if (count_peer != NULL)
    return count_once(count_peer, count_workload);
  run_all();
  return 0;
}
