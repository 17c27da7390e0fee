/*
** recorded CASE: the program that spec/commands/record_spec.lua records, and other
** tools in convert_spec.lua. The requests of a case have sizes that no library
** requests.
*/
#define _GNU_SOURCE

#include <fcntl.h>
#include <malloc.h>
#include <mcheck.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, TURNS = 50000, MARK = 70001 };

static void *volatile keep; /* the compiler must assume that this is used */

static void *use(void *block)
{
  keep = block;
  return block;
}

/* Allocates before main, as the constructors of a C++ program do. */
__attribute__((constructor)) static void before_main(void)
{
  free(use(malloc(MARK + 9)));
}

static void family(void)
{
  void *block;
  if (posix_memalign(&block, 64, MARK) == 0)
    free(use(block));
  free(use(aligned_alloc(64, 70016)));
  free(use(memalign(32, MARK + 2)));
  free(use(valloc(MARK + 3)));
  block = use(reallocarray(NULL, 7, 10101));
  block = use(reallocarray(block, 7, 10102));
  memset(block, 1, malloc_usable_size(block));
  free(block);
  free(use(calloc(3, 23333)));
  char *text = malloc(MARK + 4);
  memset(text, 'x', MARK + 3);
  text[MARK + 3] = '\0';
  free(use(strdup(text)));
  free(text);
  free(use(realloc(NULL, MARK + 5)));
  keep = realloc(malloc(MARK + 6), 0);
}

/*
** Each thread passes its blocks to the next one, which resizes and frees them.
** An address is often allocated again at once by another thread.
*/
static struct mailbox {
  pthread_mutex_t lock;
  void *block;
} boxes[THREADS];

static void *exchange(void *own, void *block)
{
  struct mailbox *box = own;
  pthread_mutex_lock(&box->lock);
  void *was = box->block;
  box->block = block;
  pthread_mutex_unlock(&box->lock);
  return was;
}

static void *hand_on(void *number)
{
  size_t own = (size_t)(struct mailbox *)number - (size_t)boxes;
  own /= sizeof boxes[0];
  for (size_t i = 0; i < TURNS; i++) {
    void *block = exchange(&boxes[(own + 1) % THREADS], malloc(i % 600 + 1));
    if (i % 3 == 0 && block != NULL)
      block = realloc(block, i % 900 + 1);
    free(block);
  }
  for (size_t i = 0; i < TURNS; i++) /* all threads get the block just freed */
    free(use(malloc(1000)));
  return NULL;
}

static void threads(void)
{
  pthread_t running[THREADS];
  for (size_t i = 0; i < THREADS; i++)
    pthread_mutex_init(&boxes[i].lock, NULL);
  for (size_t i = 0; i < THREADS; i++)
    pthread_create(&running[i], NULL, hand_on, &boxes[i]);
  for (size_t i = 0; i < THREADS; i++)
    pthread_join(running[i], NULL);
  for (size_t i = 0; i < THREADS; i++)
    free(boxes[i].block);
}

/* No request of the parent has the size of a child's request. */
static void fork_once(void)
{
  free(use(malloc(MARK)));
  pid_t child = fork();
  if (child == 0) {
    for (size_t i = 0; i < 1000; i++)
      free(use(malloc(MARK + 7)));
    execl("/bin/sh", "sh", "-c", "true", (char *)NULL);
    _exit(1);
  }
  for (size_t i = 0; i < 1000; i++)
    free(use(malloc(MARK + 1)));
  (void)waitpid(child, NULL, 0);
  free(use(malloc(MARK + 2)));
}

static void run_on(const char *self)
{
  keep = malloc(MARK);
  execl(self, self, "family", (char *)NULL);
}

static void ask(size_t times)
{
  for (size_t i = 0; i < times; i++)
    free(use(malloc(MARK)));
}

static void limit(int resource, rlim_t most)
{
  struct rlimit limits = {most, most};
  if (setrlimit(resource, &limits) != 0)
    _exit(1);
}

/* The program can then map no more addresses. */
static void without_addresses(void)
{
  limit(RLIMIT_AS, 1 << 30);
  void *big = malloc(100 << 20);
  if (big == NULL)
    _exit(1);
  while (malloc(1 << 20) != NULL)
    continue;
  ask(100000);
}

/* The file of the log can then not be opened again. */
static void without_files(size_t times)
{
  limit(RLIMIT_NOFILE, 0);
  ask(times);
}

/* Claims a slot of the log, as a thread does that never writes its record. */
static void stalled(void)
{
  int fd = open(getenv("PYMALLOC_RECORD"), O_RDWR);
  uint64_t *head = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ask(1);
  head[2]++; /* the count */
  ask(100000);
}

/* A signal may come while a record is written. */
static void on_alarm(int number)
{
  (void)number;
  free(use(malloc(MARK + 1)));
}

/* In a signal handler glibc's malloc may be called only for mapped blocks. */
static void with_signals(void)
{
  struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
  mallopt(M_MMAP_THRESHOLD, MARK);
  (void)signal(SIGALRM, on_alarm);
  (void)setitimer(ITIMER_REAL, &often, NULL);
  ask(30000);
  (void)setitimer(ITIMER_REAL, &never, NULL);
}

static int run(const char *self, const char *name)
{
  if (strcmp(name, "family") == 0)
    family();
  else if (strcmp(name, "threads") == 0)
    threads();
  else if (strcmp(name, "fork") == 0)
    fork_once();
  else if (strcmp(name, "exec") == 0)
    run_on(self);
  else if (strcmp(name, "addresses") == 0)
    without_addresses();
  else if (strcmp(name, "files") == 0)
    without_files(100000);
  else if (strcmp(name, "many_files") == 0)
    without_files(1100000);
  else if (strcmp(name, "stalled") == 0)
    stalled();
  else if (strcmp(name, "signals") == 0)
    with_signals();
  else if (strcmp(name, "_exit") == 0) {
    keep = malloc(MARK);
    _exit(5);
  } else if (strcmp(name, "signal") == 0) {
    keep = malloc(MARK);
    (void)raise(SIGSEGV);
  } else
    return 2;
  return 0;
}

int main(int argc, char **argv)
{
  mtrace(); /* where libc_malloc_debug.so is preloaded and MALLOC_TRACE set */
  return argc == 2 ? run(argv[0], argv[1]) : 2;
}
