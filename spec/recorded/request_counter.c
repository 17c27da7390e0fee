/*
** A library to be preloaded before the recorder: an independent count of a
** program's requests to malloc, for script/record-counts. It counts in the file
** that the environment variable REQUEST_COUNTS names, which has room for a
** struct counts; a forked child is not counted.
*/
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct counts {
  uint64_t pid;
  atomic_ullong mallocs, callocs, reallocs, frees; /* that succeeded */
  atomic_ullong bytes;                             /* asked for by these */
};

static struct counts *counts; /* NULL: not counted */

static void stop_in_child(void)
{
  counts = NULL;
}

static void start(void)
{
  const char *path = getenv("REQUEST_COUNTS");
  int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return;
  struct counts *all =
      mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (all == MAP_FAILED || (all->pid != 0 && all->pid != (uint64_t)getpid()))
    return;
  *all = (struct counts){.pid = (uint64_t)getpid()}; /* also after an exec */
  counts = all;
  pthread_atfork(NULL, NULL, stop_in_child);
}

/* The counts, from the first request on that finds an environment; or NULL. */
static struct counts *current(void)
{
  static bool is_started;
  if (!is_started && environ != NULL) {
    is_started = true;
    start();
  }
  return counts;
}

static void *find(const char *name)
{
  return dlsym(RTLD_NEXT, name);
}

/* Declares 'next', the function of that name behind this library. */
#define NEXT(result, name, ...)       \
  static result (*next)(__VA_ARGS__); \
  if (next == NULL)                   \
  *(void **)&next = find(name)

static void *got(void *block, size_t bytes)
{
  if (block != NULL && current() != NULL) {
    atomic_fetch_add(&counts->mallocs, 1);
    atomic_fetch_add(&counts->bytes, bytes);
  }
  return block;
}

static void ended(const void *block)
{
  if (block != NULL && current() != NULL)
    atomic_fetch_add(&counts->frees, 1);
}

void *malloc(size_t bytes)
{
  NEXT(void *, "malloc", size_t);
  return got(next(bytes), bytes);
}

void *calloc(size_t count, size_t bytes)
{
  NEXT(void *, "calloc", size_t, size_t);
  void *block = next(count, bytes);
  if (block != NULL && current() != NULL) {
    atomic_fetch_add(&counts->callocs, 1);
    atomic_fetch_add(&counts->bytes, count * bytes);
  }
  return block;
}

void *realloc(void *old, size_t bytes)
{
  NEXT(void *, "realloc", void *, size_t);
  void *block = next(old, bytes);
  if (old == NULL)
    return got(block, bytes);
  if (block == NULL && bytes == 0) {
    ended(old);
  } else if (block != NULL && current() != NULL) {
    atomic_fetch_add(&counts->reallocs, 1);
    atomic_fetch_add(&counts->bytes, bytes);
  }
  return block;
}

void *reallocarray(void *old, size_t count, size_t bytes)
{
  if (bytes != 0 && count > SIZE_MAX / bytes) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(old, count * bytes);
}

void free(void *block)
{
  NEXT(void, "free", void *);
  ended(block);
  next(block);
}

void *memalign(size_t alignment, size_t bytes)
{
  NEXT(void *, "memalign", size_t, size_t);
  return got(next(alignment, bytes), bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
  NEXT(void *, "aligned_alloc", size_t, size_t);
  return got(next(alignment, bytes), bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
  NEXT(int, "posix_memalign", void **, size_t, size_t);
  int error = next(block, alignment, bytes);
  if (error == 0)
    (void)got(*block, bytes);
  return error;
}

void *valloc(size_t bytes)
{
  NEXT(void *, "valloc", size_t);
  return got(next(bytes), bytes);
}
