/*
** A library to be preloaded into a program. It records the program's calls of
** malloc and its family. It calls none of these functions itself.
*/
#define _GNU_SOURCE

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "writer.h"

#define EXPORT __attribute__((visibility("default")))

/* The C library's functions, by names that no other library defines. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

/* Declared here because not every C library declares all of them. */
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
void *reallocarray(void *old, size_t count, size_t bytes);
void free(void *block);
void free_sized(void *block, size_t bytes);
void free_aligned_sized(void *block, size_t alignment, size_t bytes);
void *memalign(size_t alignment, size_t bytes);
void *aligned_alloc(size_t alignment, size_t bytes);
void *valloc(size_t bytes);
void *pvalloc(size_t bytes);
int posix_memalign(void **block, size_t alignment, size_t bytes);

enum { STARTING, OPENING, OPEN, CLOSED };

static atomic_int state = STARTING;

/*
** Opens the log at the first request. Called before the C library has set
** 'environ', it does nothing and is tried again at the next request.
*/
static bool open_log(void)
{
  int now = STARTING;
  int error = errno;
  if (environ == NULL || !atomic_compare_exchange_strong(&state, &now, OPENING))
    return false;
  now = writer_open("") ? OPEN : CLOSED;
  atomic_store_explicit(&state, now, memory_order_release);
  errno = error;
  return now == OPEN;
}

static inline bool is_open(void)
{
  int now = atomic_load_explicit(&state, memory_order_acquire);
  return now == OPEN || (now == STARTING && open_log());
}

static inline void record(enum log_kind kind, const void *block, size_t size,
                          size_t count)
{
  if (is_open())
    writer_put(kind, block, size, count, 0, 0);
}

/*
** {==================================================================
** The functions that programs call. A block is recorded after it is obtained
** and before it is freed, so that no other thread's record of the same address
** comes in between.
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
  if (old != NULL && bytes == 0) { /* the C library frees the block then */
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

EXPORT void free_sized(void *block, size_t bytes)
{
  (void)bytes;
  free(block);
}

EXPORT void free_aligned_sized(void *block, size_t alignment, size_t bytes)
{
  (void)alignment;
  free_sized(block, bytes);
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
