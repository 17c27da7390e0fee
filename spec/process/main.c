/*
** process [CASE...]: tests a heap in a process that forks, has two threads, has
** 10,000 heaps or a limit on its addresses. Each case runs in a process of its
** own. A line is printed for each case; the exit code is 1 if one has failed.
** With arguments, it runs the cases whose names begin with one of them.
*/
#define _DEFAULT_SOURCE

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pymalloc.h"

#define BLOCKS 3000u
#define HEAPS 10000u

#define MUST(fact) ((fact) ? (void)0 : fail(#fact, __LINE__))

static _Noreturn void fail(const char *fact, int line)
{
  (void)fprintf(stderr, "line %d: not true: %s\n", line, fact);
  _exit(1);
}

static pym_heap *new_heap(pym_debug debug)
{
  pym_options options = pym_options_default();
  options.debug = debug;
  return pym_heap_new(&options);
}

static void fill(pym_heap *heap, unsigned char **blocks)
{
  for (size_t i = 0; i < BLOCKS; i++) {
    blocks[i] = pym_malloc(heap, i % 600 + 1);
    MUST(blocks[i] != NULL);
    memset(blocks[i], (int)(i % 251), i % 600 + 1);
  }
}

static void prove(const pym_heap *heap, unsigned char **blocks)
{
  for (size_t i = 0; i < BLOCKS; i++)
    MUST(blocks[i][i % 600] == i % 251);
  MUST(pym_check(heap, NULL));
}

/* After the fork, parent and child each use their copy of the heap. */
static void forks(void)
{
  static unsigned char *blocks[BLOCKS];
  int status = 0;
  pym_heap *heap = new_heap(PYM_DEBUG_3_6);
  fill(heap, blocks);
  pid_t child = fork();
  if (child == 0) {
    prove(heap, blocks);
    for (size_t i = 0; i < BLOCKS; i++)
      pym_free(heap, blocks[i]);
    MUST(pym_check(heap, NULL));
    pym_heap_delete(heap);
    _exit(0);
  }
  MUST(waitpid(child, &status, 0) == child && status == 0);
  prove(heap, blocks);
  pym_heap_delete(heap);
}

/* Each heap reserves as many addresses as it can get. */
static void has_thousands(void)
{
  static pym_heap *heaps[HEAPS];
  for (size_t i = 0; i < HEAPS; i++) {
    heaps[i] = new_heap(PYM_DEBUG_OFF);
    MUST(heaps[i] != NULL);
    MUST(pym_malloc(heaps[i], 40) != NULL);
  }
  for (size_t i = 0; i < HEAPS; i++) {
    MUST(pym_check(heaps[i], NULL));
    pym_heap_delete(heaps[i]);
  }
}

/* Where addresses are few, a heap for hosting has fewer, and a cache too. */
static void is_cached(void)
{
  const pym_options options = pym_options_hosting();
  static void *blocks[4096];
  pym_stats stats;
  pym_heap *heap = pym_heap_new(&options);
  MUST(heap != NULL);
  for (size_t i = 0; i < 4096; i++)
    MUST((blocks[i] = pym_malloc(heap, i % 512 + 1)) != NULL);
  MUST(pym_check(heap, NULL));
  for (size_t i = 0; i < 4096; i++)
    pym_free(heap, blocks[i]);
  pym_heap_stats(heap, &stats, NULL);
  MUST(stats.cached_blocks > 0);
  MUST(pym_check(heap, NULL));
  pym_heap_delete(heap);
}

/*
** With a limit of 200 MiB on the addresses, the heap reserves less than by
** default, and requests are refused when no address is left.
*/
static void is_confined(void)
{
  static void *blocks[4096];
  const struct rlimit limit = {(rlim_t)200 << 20, (rlim_t)200 << 20};
  pym_stats stats;
  size_t count = 0;
  MUST(setrlimit(RLIMIT_AS, &limit) == 0);
  is_cached();
  pym_heap *heap = new_heap(PYM_DEBUG_OFF);
  MUST(heap != NULL);
  pym_heap_stats(heap, &stats, NULL);
  MUST(stats.reserved_bytes >= (size_t)32 << 20);
  MUST(stats.reserved_bytes <= (size_t)200 << 20);
  while (count < 4096 && (blocks[count] = pym_malloc(heap, 100000)) != NULL)
    count++;
  MUST(count < 4096);
  MUST(pym_malloc(heap, 100) != NULL);
  MUST(pym_check(heap, NULL));
  while (count > 0)
    pym_free(heap, blocks[--count]);
  MUST(pym_malloc(heap, 100000) != NULL);
  pym_heap_delete(heap);
}

/*
** {==================================================================
** Two threads
** ===================================================================
*/

/* One thread waits in the raw allocator while the other makes a request. */
struct meeting {
  pthread_barrier_t inside, over;
  pym_heap *heap;
  bool is_held_up;
  const char *kind; /* of the report of misuse */
};

static void *meeting_malloc(void *context, size_t bytes)
{
  struct meeting *meeting = context;
  if (meeting->is_held_up) {
    (void)pthread_barrier_wait(&meeting->inside);
    (void)pthread_barrier_wait(&meeting->over);
  }
  return malloc(bytes);
}

static void *meeting_calloc(void *context, size_t count, size_t bytes)
{
  (void)context;
  return calloc(count, bytes);
}

static void *meeting_realloc(void *context, void *data, size_t bytes)
{
  (void)context;
  return realloc(data, bytes);
}

static void meeting_free(void *context, void *data)
{
  (void)context;
  free(data);
}

static void note(void *context, const pym_misuse *misuse)
{
  struct meeting *meeting = context;
  meeting->kind = misuse->kind;
}

static void *first_thread(void *context)
{
  struct meeting *meeting = context;
  return pym_malloc(meeting->heap, 10000);
}

/* A request that comes during another one is reported and refused. */
static void reports_two_threads(void)
{
  static struct meeting meeting;
  pthread_t first;
  void *served;
  pym_options options = pym_options_default();
  MUST(pthread_barrier_init(&meeting.inside, NULL, 2) == 0);
  MUST(pthread_barrier_init(&meeting.over, NULL, 2) == 0);
  options.checked = true;
  options.on_misuse = note;
  options.misuse_context = &meeting;
  options.raw = (pym_raw){&meeting, meeting_malloc, meeting_calloc,
                          meeting_realloc, meeting_free};
  meeting.heap = pym_heap_new(&options);
  MUST(meeting.heap != NULL);
  meeting.is_held_up = true;
  MUST(pthread_create(&first, NULL, first_thread, &meeting) == 0);
  (void)pthread_barrier_wait(&meeting.inside);
  MUST(pym_malloc(meeting.heap, 8) == NULL);
  MUST(strcmp(meeting.kind, "two threads at once") == 0);
  (void)pthread_barrier_wait(&meeting.over);
  MUST(pthread_join(first, &served) == 0 && served != NULL);
  meeting.is_held_up = false;
  MUST(pym_malloc(meeting.heap, 8) != NULL); /* the threads may alternate */
  pym_free(meeting.heap, served);
  MUST(pym_check(meeting.heap, NULL));
  pym_heap_delete(meeting.heap);
}

/* }================================================================== */

/* Without a handler the report goes to stderr and the process ends. */
static void aborts(void)
{
  int status = 0, ends[2];
  char report[4096] = {0};
  MUST(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    const struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)dup2(ends[1], STDERR_FILENO);
    pym_heap *heap = new_heap(PYM_DEBUG_3_6);
    char *block = pym_malloc(heap, 10);
    block[10] = 'A';
    pym_free(heap, block);
    _exit(0);
  }
  MUST(waitpid(child, &status, 0) == child);
  MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  MUST(read(ends[0], report, sizeof report - 1) > 100);
  MUST(strstr(report, "at tail+0: 0x41 *** OUCH") != NULL);
  MUST(strstr(report, "Fatal Python error: bad trailing pad byte") != NULL);
}

static const struct {
  const char *name;
  void (*run)(void);
} cases[] = {{"forks with live heaps", forks},
             {"has 10,000 heaps at once", has_thousands},
             {"is confined to 200 MiB of addresses", is_confined},
             {"reports a second thread", reports_two_threads},
             {"aborts with CPython's report", aborts}};

static bool is_wanted(const char *name, char **arguments)
{
  if (*arguments == NULL)
    return true;
  for (; *arguments != NULL; arguments++)
    if (strncmp(name, *arguments, strlen(*arguments)) == 0)
      return true;
  return false;
}

int main(int count, char **arguments)
{
  int failures = 0;
  (void)count;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int status = 0;
    if (!is_wanted(cases[i].name, arguments + 1))
      continue;
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      cases[i].run();
      _exit(0);
    }
    (void)waitpid(child, &status, 0);
    printf("%-8s%s\n", status == 0 ? "ok" : "FAILED", cases[i].name);
    failures += status != 0;
  }
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
