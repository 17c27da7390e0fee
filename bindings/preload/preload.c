/*
** A library to be preloaded into a program. It records the program's calls of
** malloc and its family, which the allocator serves that the program would use
** without it. It calls none of these functions for itself.
**
** It has no malloc_usable_size: that of the allocator is right for its blocks.
*/
#define _GNU_SOURCE

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "next.h"
#include "recorder.h"

/* Declared here because not every C library declares all of them. */
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
void *reallocarray(void *old, size_t count, size_t bytes);
void free(void *block);
void cfree(void *block);
void free_sized(void *block, size_t bytes);
void free_aligned_sized(void *block, size_t alignment, size_t bytes);
void *memalign(size_t alignment, size_t bytes);
void *aligned_alloc(size_t alignment, size_t bytes);
void *valloc(size_t bytes);
void *pvalloc(size_t bytes);
int posix_memalign(void **block, size_t alignment, size_t bytes);

/*
** {==================================================================
** Blocks of any alignment
** ===================================================================
*/

EXPORT void *malloc(size_t bytes)
{
  bool is_outer = recorder_enter();
  void *block = next.malloc(bytes);
  recorder_leave();
  return recorder_got(is_outer, block, bytes);
}

EXPORT void *calloc(size_t count, size_t bytes)
{
  bool is_outer = recorder_enter();
  void *block = next.calloc(count, bytes);
  recorder_leave();
  if (is_outer && block != NULL)
    recorder_put(LOG_CALLOC, block, bytes, count);
  return block;
}

/* A realloc to 0 bytes frees the block, if the allocator returns NULL. */
static ALWAYS_INLINE void *resize(void *old, size_t bytes)
{
  bool is_outer = recorder_enter();
  if (is_outer)
    recorder_end(LOG_REALLOC_BEGIN, old);
  void *block = next.realloc(old, bytes);
  recorder_leave();
  if (is_outer && block == NULL && bytes == 0 && old != NULL)
    recorder_end(LOG_REALLOC_FREED, NULL);
  else if (is_outer)
    recorder_put(LOG_REALLOC_END, block, bytes, 1);
  return block;
}

/* An early block has no record and no known size: all bytes are copied. */
static ALWAYS_INLINE void *move_early(const char *old, size_t bytes)
{
  char *block = next.malloc(bytes);
  for (size_t i = 0; block != NULL && i < bytes && next_is_early(old + i); i++)
    block[i] = old[i];
  return recorder_got(true, block, bytes);
}

EXPORT void *realloc(void *old, size_t bytes)
{
  return next_is_early(old) ? move_early(old, bytes) : resize(old, bytes);
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
  if (next_is_early(block))
    return;
  if (recorder_enter() && block != NULL)
    recorder_end(LOG_FREE, block);
  next.free(block);
  recorder_leave();
}

EXPORT void cfree(void *block)
{
  free(block);
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

/* }================================================================== */

/*
** {==================================================================
** Aligned blocks
** ===================================================================
*/

EXPORT void *memalign(size_t alignment, size_t bytes)
{
  bool is_outer = recorder_enter();
  void *block = next.memalign(alignment, bytes);
  recorder_leave();
  return recorder_got(is_outer, block, bytes);
}

EXPORT void *aligned_alloc(size_t alignment, size_t bytes)
{
  bool is_outer = recorder_enter();
  void *block = next.aligned_alloc(alignment, bytes);
  recorder_leave();
  return recorder_got(is_outer, block, bytes);
}

EXPORT void *valloc(size_t bytes)
{
  bool is_outer = recorder_enter();
  void *block = next.valloc(bytes);
  recorder_leave();
  return recorder_got(is_outer, block, bytes);
}

/* The size is recorded as that of whole pages, which pvalloc gives. */
EXPORT void *pvalloc(size_t bytes)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  bool is_outer = recorder_enter();
  void *block = next.pvalloc(bytes);
  recorder_leave();
  return recorder_got(is_outer, block, (bytes + page - 1) / page * page);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t bytes)
{
  bool is_outer = recorder_enter();
  int error = next.posix_memalign(block, alignment, bytes);
  recorder_leave();
  if (error == 0)
    (void)recorder_got(is_outer, *block, bytes);
  return error;
}

/* }================================================================== */
