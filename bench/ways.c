#include "ways.h"

#include <stdlib.h>
#include <string.h>

#include "pymalloc_inline.h"

struct ways_calls ways_calls;

#define WORKLOAD_FUNCTION(name, unit, core, call)       \
  static size_t BENCH_NAME(name)(size_t n)              \
  {                                                     \
    const struct allocator *a = &BENCH_NAME(allocator); \
    return call;                                        \
  }
#define WORKLOAD_ELEMENT(name, unit, core, call) BENCH_NAME(name),

/* Functions that are called by address. */

TEMPLATE void *plain_malloc(size_t bytes)
{
  return ways_calls.plain_malloc(bytes);
}

TEMPLATE void plain_free(void *block, size_t bytes)
{
  (void)bytes;
  ways_calls.plain_free(block);
}

TEMPLATE void *plain_realloc(void *block, size_t old_bytes, size_t bytes)
{
  (void)old_bytes;
  return ways_calls.plain_realloc(block, bytes);
}

/* Functions that are called by address, with a heap. */

TEMPLATE void *heap_malloc(size_t bytes)
{
  return ways_calls.heap_malloc(ways_calls.heap, bytes);
}

TEMPLATE void heap_free(void *block, size_t bytes)
{
  (void)bytes;
  ways_calls.heap_free(ways_calls.heap, block);
}

TEMPLATE void *heap_realloc(void *block, size_t old_bytes, size_t bytes)
{
  (void)old_bytes;
  return ways_calls.heap_realloc(ways_calls.heap, block, bytes);
}

TEMPLATE void heap_free_sized(void *block, size_t bytes)
{
  ways_calls.heap_free_sized(ways_calls.heap, block, bytes);
}

TEMPLATE void mixed_free(void *block, size_t bytes)
{
  ways_calls.sized_free(block, bytes);
}

/* The inline functions of this library, compiled into the workloads. */

TEMPLATE void *inline_malloc(size_t bytes)
{
  return pym_malloc_inline(ways_calls.own, bytes);
}

TEMPLATE void inline_free(void *block, size_t bytes)
{
  (void)bytes;
  pym_free_inline(ways_calls.own, block);
}

TEMPLATE void *inline_realloc(void *block, size_t old_bytes, size_t bytes)
{
  return pym_realloc_sized(ways_calls.own, block, old_bytes, bytes);
}

TEMPLATE void inline_sized_free(void *block, size_t bytes)
{
  pym_free_sized_inline(ways_calls.own, block, bytes);
}

/*
** The limit: one free list for each class, and one for each power of two above.
** It returns no memory, checks nothing and takes no statistics: an allocator
** cannot do less for a request.
*/
#define LIMIT_CLASSES 96
static void *limit_lists[LIMIT_CLASSES];
static char *limit_next, *limit_end;

static __attribute__((noinline)) void *limit_bump(size_t bytes)
{
  if ((size_t)(limit_end - limit_next) < bytes) {
    limit_next = aligned_alloc(4096, (size_t)64 << 20);
    limit_end = limit_next + ((size_t)64 << 20);
  }
  limit_next += bytes;
  return limit_next - bytes;
}

TEMPLATE size_t limit_class(size_t bytes)
{
  return bytes <= SMALL_MAX ? (bytes + 7) / 8
                            : 128u - (size_t)__builtin_clzll(bytes - 1);
}

TEMPLATE void *limit_malloc(size_t bytes)
{
  size_t class = limit_class(bytes);
  void **block = limit_lists[class];
  if (__builtin_expect(block == NULL, 0))
    return limit_bump(class <= SMALL_MAX / 8 ? class * 8
                                             : (size_t)1 << (class - 64));
  limit_lists[class] = *block;
  return block;
}

TEMPLATE void limit_free(void *block, size_t bytes)
{
  size_t class = limit_class(bytes);
  *(void **)block = limit_lists[class];
  limit_lists[class] = block;
}

TEMPLATE void *limit_realloc(void *block, size_t old_bytes, size_t bytes)
{
  if (limit_class(old_bytes) == limit_class(bytes))
    return block;
  void *moved = limit_malloc(bytes);
  memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
  limit_free(block, old_bytes);
  return moved;
}

static __attribute__((noinline)) void *limit_called_malloc(size_t bytes)
{
  return limit_malloc(bytes);
}

static __attribute__((noinline)) void limit_called_free(void *block,
                                                        size_t bytes)
{
  limit_free(block, bytes);
}

static const struct allocator plain_allocator = {plain_malloc, plain_free,
                                                 plain_realloc};
static const struct allocator sized_allocator = {plain_malloc, mixed_free,
                                                 plain_realloc};
static const struct allocator heap_allocator = {heap_malloc, heap_free,
                                                heap_realloc};
static const struct allocator heap_sized_allocator = {
    heap_malloc, heap_free_sized, heap_realloc};
static const struct allocator heap_mixed_allocator = {heap_malloc, mixed_free,
                                                      plain_realloc};
static const struct allocator inline_allocator = {inline_malloc, inline_free,
                                                  inline_realloc};
static const struct allocator inline_sized_allocator = {
    inline_malloc, inline_sized_free, inline_realloc};
static const struct allocator limit_allocator = {limit_malloc, limit_free,
                                                 limit_realloc};
static const struct allocator limit_called_allocator = {
    limit_called_malloc, limit_called_free, limit_realloc};

#define BENCH_NAME(name) plain_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn plain_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) sized_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn sized_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) heap_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn heap_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) heap_sized_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn heap_sized_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) heap_mixed_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn heap_mixed_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) inline_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn inline_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) inline_sized_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn inline_sized_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) limit_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn limit_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) limit_called_##name
WORKLOADS(WORKLOAD_FUNCTION)
const workload_fn limit_called_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
