#define _GNU_SOURCE

#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REPETITIONS 5
#define LARGE_SCALE 100000 /* from this scale on, a workload is timed once */

const struct workload workloads[] = {
#define WORKLOAD_ROW(name, unit, core, call) {#name, unit, core},
    WORKLOADS(WORKLOAD_ROW)};
const size_t workload_count = sizeof workloads / sizeof workloads[0];

static double now(void)
{
  struct timespec time;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double begun, ended;

void bench_begin(void)
{
  begun = now();
}

void bench_end(void)
{
  ended = now();
}

/*
** Nanoseconds per operation of a workload: of the part between bench_begin and
** bench_end if the workload calls them, else of the whole workload.
*/
static double time_once(const struct peer *peer, size_t index, size_t scale)
{
  ended = 0;
  double begin = now();
  size_t operations = peer->workloads[index](scale);
  double took = ended > 0 ? ended - begun : now() - begin;
  return took / (double)operations;
}

/* The value of a line of /proc/self/status, in KiB; 0 if it cannot be read. */
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

/*
** Maps a range and allocates a block, both of random sizes, so that the
** addresses of the workload differ from round to round. Times depend on
** addresses, because they decide which lines of the cache are shared; over
** several rounds this evens out.
*/
static void shift_addresses(const struct peer *peer, size_t index, size_t round)
{
  uint32_t state = (uint32_t)(round * 1000 + index);
  for (const char *c = peer->name; *c != '\0'; c++)
    state = state * 31 + (unsigned char)*c;
  (void)draw(&state);
  (void)mmap(NULL, (size_t)(1 + draw(&state) % 8192) << 12, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  void *volatile shift = malloc(1 + draw(&state) % 4096 * 16);
  (void)shift;
}

static void measure(const struct peer *peer, size_t index, size_t round,
                    size_t scale)
{
  double times[REPETITIONS];
  (void)status_kib("VmRSS:"); /* the memory of reading it is not counted */
  long start = status_kib("VmRSS:"), start_anonymous = status_kib("RssAnon:");
  (void)peer->workloads[index](scale); /* warms up pages, caches, predictors */
  long peak = status_kib("VmHWM:") - start;
  size_t repetitions = scale < LARGE_SCALE ? REPETITIONS : 1;
  for (size_t i = 0; i < repetitions; i++)
    times[i] = time_once(peer, index, scale);
  qsort(times, repetitions, sizeof times[0], by_value);
  long kept = status_kib("RssAnon:") - start_anonymous;
  if (peer->trim != NULL)
    peer->trim();
  printf("%s\t%s\t%s\t%s\t%zu\t%.3f\t%ld\t%ld\t%ld\n", peer->name,
         workloads[index].name, workloads[index].unit,
         workloads[index].is_core ? "core" : "extra", round,
         times[repetitions / 2], peak, kept,
         status_kib("RssAnon:") - start_anonymous);
}

void measure_in_child(const struct peer *peer, size_t index, size_t round,
                      size_t scale)
{
  (void)fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    shift_addresses(peer, index, round);
    if (peer->open == NULL || peer->open(peer))
      measure(peer, index, round, scale);
    (void)fflush(stdout);
    _exit(0);
  }
  (void)waitpid(child, NULL, 0);
}
