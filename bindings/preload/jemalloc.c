/*
** The functions of jemalloc that are not in the C library. A program finds them
** here even if it is not linked with jemalloc: then they use malloc.
*/
#define _GNU_SOURCE

#include <string.h>

#include "next.h"
#include "recorder.h"

/* The flags of these functions: an alignment as a power of two, and zeros. */
#define ALIGNMENT_BITS 0x3f
#define ZERO_BIT 0x40

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
void *memalign(size_t alignment, size_t bytes);
void free(void *block);
size_t malloc_usable_size(void *block);

EXPORT void *mallocx(size_t bytes, int flags);
EXPORT void *rallocx(void *old, size_t bytes, int flags);
EXPORT size_t xallocx(void *block, size_t bytes, size_t extra, int flags);
EXPORT void sdallocx(void *block, size_t bytes, int flags);
EXPORT void dallocx(void *block, int flags);

struct jemalloc {
  void *(*mallocx)(size_t bytes, int flags);
  void *(*rallocx)(void *old, size_t bytes, int flags);
  size_t (*xallocx)(void *block, size_t bytes, size_t extra, int flags);
  void (*dallocx)(void *block, int flags);
};

/* Either all of the functions are there, or none. */
static const struct jemalloc *find(void)
{
  static struct jemalloc found;
  static atomic_int is_looked_up;
  void *functions[4];
  if (atomic_load(&is_looked_up) == 0) {
    (void)recorder_enter();
    functions[0] = next_find("mallocx");
    functions[1] = next_find("rallocx");
    functions[2] = next_find("xallocx");
    functions[3] = next_find("dallocx");
    memcpy(&found, functions, sizeof found);
    recorder_leave();
    atomic_store(&is_looked_up, 1);
  }
  return found.mallocx == NULL ? NULL : &found;
}

static void *allocate(size_t bytes, int flags)
{
  size_t alignment = (size_t)1 << (flags & ALIGNMENT_BITS);
  void *block = alignment > 1 ? memalign(alignment, bytes) : malloc(bytes);
  if (block != NULL && (flags & ZERO_BIT) != 0)
    memset(block, 0, bytes);
  return block;
}

EXPORT void *mallocx(size_t bytes, int flags)
{
  const struct jemalloc *jemalloc = find();
  if (jemalloc == NULL)
    return allocate(bytes, flags);
  bool is_outer = recorder_enter();
  void *block = jemalloc->mallocx(bytes, flags);
  recorder_leave();
  return recorder_got(is_outer, block, bytes);
}

/* Without jemalloc, an alignment larger than that of malloc may be lost. */
EXPORT void *rallocx(void *old, size_t bytes, int flags)
{
  const struct jemalloc *jemalloc = find();
  if (jemalloc == NULL)
    return realloc(old, bytes);
  bool is_outer = recorder_enter();
  if (is_outer)
    recorder_end(LOG_REALLOC_BEGIN, old);
  void *block = jemalloc->rallocx(old, bytes, flags);
  recorder_leave();
  if (is_outer)
    recorder_put(LOG_REALLOC_END, block, bytes, 1);
  return block;
}

/* Resizes a block in place. Returns its size, which is less if it failed. */
EXPORT size_t xallocx(void *block, size_t bytes, size_t extra, int flags)
{
  const struct jemalloc *jemalloc = find();
  if (jemalloc == NULL)
    return malloc_usable_size(block);
  bool is_outer = recorder_enter();
  if (is_outer)
    recorder_end(LOG_REALLOC_BEGIN, block);
  size_t got = jemalloc->xallocx(block, bytes, extra, flags);
  recorder_leave();
  if (is_outer)
    recorder_put(LOG_REALLOC_END, got < bytes ? NULL : block, bytes, 1);
  return got;
}

EXPORT void dallocx(void *block, int flags)
{
  const struct jemalloc *jemalloc = find();
  if (jemalloc == NULL || next_is_early(block)) {
    free(block);
    return;
  }
  if (recorder_enter())
    recorder_end(LOG_FREE, block);
  jemalloc->dallocx(block, flags);
  recorder_leave();
}

/* The size is only a hint for the allocator. */
EXPORT void sdallocx(void *block, size_t bytes, int flags)
{
  (void)bytes;
  dallocx(block, flags);
}
