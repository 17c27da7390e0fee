/*
** Preloaded into a program, writes down what it asks malloc and its family
** for. It asks malloc for nothing itself and needs no end: the log is a mapped
** file, which PYMALLOC_RECORD names. The first process that opens it
** is recorded; forked children are not: the page that says so is wiped
** when a process forks.
*/
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

#define EXPORT __attribute__((visibility("default")))

/* The C library's own, by the names that nobody interposes. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

void *memalign(size_t alignment, size_t bytes);
void *pvalloc(size_t bytes);

enum { STARTING, OPENING, OPEN, CLOSED };

static atomic_int state = STARTING;
static struct log_head *head;
static const volatile bool *is_recorded; /* false in a forked child */
static atomic_uint thread_count;
static _Thread_local unsigned thread __attribute__((tls_model("initial-exec")));

/*
** {==================================================================
** The log
** ===================================================================
*/

/* A page with 'true' in it, which a fork wipes. */
static bool open_flag(void)
{
  volatile bool *flag = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (flag == MAP_FAILED)
    return false;
  if (madvise((void *)(uintptr_t)flag, 4096, MADV_WIPEONFORK) != 0)
    return false;
  *flag = true;
  is_recorded = flag;
  return true;
}

/* Is this process the one? A new program in it (exec) starts afresh. */
static bool claim(struct log_head *log)
{
  uint64_t nobody = 0, own = (uint64_t)getpid();
  if (log->magic != LOG_MAGIC)
    return false;
  if (!__atomic_compare_exchange_n(&log->pid, &nobody, own, false,
                                   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
      nobody != own)
    return false;
  log->count = 0;
  return true;
}

static bool open_log(const char *path)
{
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return false;
  void *log = mmap(NULL, LOG_BYTES, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_NORESERVE, fd, 0);
  (void)close(fd);
  if (log == MAP_FAILED)
    return false;
  head = log;
  return claim(head) && open_flag();
}

/* Opens the log at the first request; before there is an environment: waits. */
static bool is_open(void)
{
  int now = atomic_load_explicit(&state, memory_order_acquire);
  int error = errno;
  if (now != STARTING)
    return now == OPEN;
  if (environ == NULL || !atomic_compare_exchange_strong(&state, &now, OPENING))
    return false;
  const char *path = getenv("PYMALLOC_RECORD");
  now = path != NULL && open_log(path) ? OPEN : CLOSED;
  atomic_store_explicit(&state, now, memory_order_release);
  errno = error;
  return now == OPEN;
}

static void record(enum log_kind kind, const void *block, size_t size,
                   size_t count)
{
  if (!is_open() || !*is_recorded)
    return;
  if (thread == 0)
    thread = atomic_fetch_add(&thread_count, 1) + 1;
  uint64_t slot = __atomic_fetch_add(&head->count, 1, __ATOMIC_RELAXED);
  if (slot >= LOG_BYTES / sizeof(struct log_record) - 1)
    return;
  struct log_record *place = (struct log_record *)(head + 1) + slot;
  place->thread = thread;
  place->block = (uintptr_t)block;
  place->size = size;
  place->count = count;
  __atomic_store_n(&place->kind, (uint32_t)kind, __ATOMIC_RELEASE);
}

/* }================================================================== */

/*
** {==================================================================
** What programs call. A block is written down after it is got and before it is
** given back: so no other thread's comes in between.
** ===================================================================
*/

static void *got(void *block, size_t bytes)
{
  if (block != NULL)
    record(LOG_MALLOC, block, bytes, 1);
  return block;
}

EXPORT void *malloc(size_t bytes)
{
  return got(__libc_malloc(bytes), bytes);
}

EXPORT void *calloc(size_t count, size_t bytes)
{
  void *block = __libc_calloc(count, bytes);
  if (block != NULL)
    record(LOG_CALLOC, block, bytes, count);
  return block;
}

EXPORT void *realloc(void *old, size_t bytes)
{
  if (old != NULL && bytes == 0) { /* the C library's way to free */
    record(LOG_FREE, old, 0, 0);
    return __libc_realloc(old, 0);
  }
  record(LOG_REALLOC_BEGIN, old, 0, 0);
  void *block = __libc_realloc(old, bytes);
  record(LOG_REALLOC_END, block, bytes, 1);
  return block;
}

EXPORT void *reallocarray(void *old, size_t count, size_t bytes)
{
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(old, total);
}

EXPORT void free(void *block)
{
  int error = errno;
  if (block != NULL)
    record(LOG_FREE, block, 0, 0);
  __libc_free(block);
  errno = error;
}

EXPORT void *memalign(size_t alignment, size_t bytes)
{
  return got(__libc_memalign(alignment, bytes), bytes);
}

EXPORT void *aligned_alloc(size_t alignment, size_t bytes)
{
  return memalign(alignment, bytes);
}

EXPORT void *valloc(size_t bytes)
{
  return memalign((size_t)sysconf(_SC_PAGESIZE), bytes);
}

EXPORT void *pvalloc(size_t bytes)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return memalign(page, (bytes + page - 1) / page * page);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t bytes)
{
  int error = errno;
  if (alignment % sizeof(void *) != 0 || alignment == 0 ||
      (alignment & (alignment - 1)) != 0)
    return EINVAL;
  void *served = memalign(alignment, bytes);
  errno = error;
  if (served == NULL)
    return ENOMEM;
  *block = served;
  return 0;
}

/* }================================================================== */
