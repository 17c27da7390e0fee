#define _GNU_SOURCE

#include "peers.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pymalloc_inline.h"

/*
** {==================================================================
** The ways to call an allocator, and the workloads for each way
** ===================================================================
*/

#define WORKLOAD_FUNCTION(name, unit, core, call)       \
  static size_t BENCH_NAME(name)(size_t n)              \
  {                                                     \
    const struct allocator *a = &BENCH_NAME(allocator); \
    return call;                                        \
  }
#define WORKLOAD_ELEMENT(name, unit, core, call) BENCH_NAME(name),

#define WAY(way)                                                             \
  static const struct allocator way##_allocator = {way##_malloc, way##_free, \
                                                   way##_realloc};

/* Functions called by address, as a program calls those of a shared library. */
static void *(*plain_malloc_at)(size_t);
static void (*plain_free_at)(void *);
static void *(*plain_realloc_at)(void *, size_t);
static void (*sized_free_at)(void *, size_t);

TEMPLATE void *plain_malloc(size_t bytes)
{
  return plain_malloc_at(bytes);
}

TEMPLATE void plain_free(void *block, size_t bytes)
{
  (void)bytes;
  plain_free_at(block);
}

TEMPLATE void *plain_realloc(void *block, size_t old_bytes, size_t bytes)
{
  (void)old_bytes;
  return plain_realloc_at(block, bytes);
}

/* Functions that take a heap. */
static void *heap;
static void *(*heap_malloc_at)(void *, size_t);
static void (*heap_free_at)(void *, void *);
static void (*heap_free_sized_at)(void *, void *, size_t);
static void *(*heap_realloc_at)(void *, void *, size_t);

TEMPLATE void *heap_malloc(size_t bytes)
{
  return heap_malloc_at(heap, bytes);
}

TEMPLATE void heap_free(void *block, size_t bytes)
{
  (void)bytes;
  heap_free_at(heap, block);
}

TEMPLATE void *heap_realloc(void *block, size_t old_bytes, size_t bytes)
{
  (void)old_bytes;
  return heap_realloc_at(heap, block, bytes);
}

TEMPLATE void heap_free_sized(void *block, size_t bytes)
{
  heap_free_sized_at(heap, block, bytes);
}

TEMPLATE void mixed_free(void *block, size_t bytes)
{
  sized_free_at(block, bytes);
}

/* The inline functions of this library, compiled into the workloads. */
static pym_heap *own;

TEMPLATE void *inline_malloc(size_t bytes)
{
  return pym_malloc_inline(own, bytes);
}

TEMPLATE void inline_free(void *block, size_t bytes)
{
  (void)bytes;
  pym_free_inline(own, block);
}

TEMPLATE void *inline_realloc(void *block, size_t old_bytes, size_t bytes)
{
  return pym_realloc_sized(own, block, old_bytes, bytes);
}

TEMPLATE void inline_sized_free(void *block, size_t bytes)
{
  pym_free_sized_inline(own, block, bytes);
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
static const workload_fn plain_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) sized_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn sized_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) heap_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn heap_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) heap_sized_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn heap_sized_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) heap_mixed_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn heap_mixed_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) inline_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn inline_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) inline_sized_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn inline_sized_workloads[] = {
    WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) limit_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn limit_workloads[] = {WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME
#define BENCH_NAME(name) limit_called_##name
WORKLOADS(WORKLOAD_FUNCTION)
static const workload_fn limit_called_workloads[] = {
    WORKLOADS(WORKLOAD_ELEMENT)};
#undef BENCH_NAME

/* }================================================================== */

/*
** {==================================================================
** Opening them
** ===================================================================
*/

static struct {
  const char *library, *path;
} paths[16];

void peer_set_path(const char *library, const char *path)
{
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    if (paths[i].library == NULL) {
      paths[i].library = library;
      paths[i].path = path;
      return;
    }
}

static const char *path_of(const char *library)
{
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    if (paths[i].library != NULL && strcmp(paths[i].library, library) == 0)
      return paths[i].path;
  return strchr(library, '.') != NULL ? library : NULL;
}

static void *library_of(const struct peer *peer)
{
  const char *path = path_of(peer->library);
  void *library = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (path != NULL && library == NULL)
    (void)fprintf(stderr, "%s: %s\n", peer->name, dlerror());
  return library;
}

/* A function of the library; POSIX lets an object pointer carry it. */
static bool find(void *library, const char *name, void *function)
{
  void *found = dlsym(library, name);
  memcpy(function, &found, sizeof found);
  return found != NULL;
}

/* Finds malloc, free and realloc, whose names begin with a prefix. */
static bool find_plain(void *library, const char *prefix)
{
  char name[64];
  void *functions[] = {&plain_malloc_at, &plain_free_at, &plain_realloc_at};
  const char *const names[] = {"malloc", "free", "realloc"};
  if (library == NULL)
    return false;
  for (size_t i = 0; i < 3; i++) {
    (void)snprintf(name, sizeof name, "%s%s", prefix, names[i]);
    if (!find(library, name, functions[i]))
      return false;
  }
  return true;
}

static bool open_glibc(const struct peer *peer)
{
  (void)peer;
  plain_malloc_at = malloc;
  plain_free_at = free;
  plain_realloc_at = realloc;
  return true;
}

static void trim_glibc(void)
{
  (void)malloc_trim(0);
}

static bool open_plain(const struct peer *peer)
{
  return find_plain(library_of(peer), "");
}

static void (*collect_at)(bool force);

static void trim_mimalloc(void)
{
  if (collect_at != NULL)
    collect_at(true);
}

static bool open_mimalloc(const struct peer *peer)
{
  void *library = library_of(peer);
  return find_plain(library, "mi_") && find(library, "mi_collect", &collect_at);
}

static bool open_mimalloc_sized(const struct peer *peer)
{
  return open_mimalloc(peer) &&
         find(library_of(peer), "mi_free_size", &sized_free_at);
}

/* The thread's default heap: from 3.3 on mi_theap_, before that mi_heap_. */
static bool open_mimalloc_heap(const struct peer *peer)
{
  void *library = library_of(peer);
  void *(*get_default)(void);
  if (!open_mimalloc_sized(peer))
    return false;
  if (!(find(library, "mi_theap_get_default", &get_default) &&
        find(library, "mi_theap_malloc", &heap_malloc_at)) &&
      !(find(library, "mi_heap_get_default", &get_default) &&
        find(library, "mi_heap_malloc", &heap_malloc_at)))
    return false;
  heap = get_default();
  return true;
}

static bool open_rpmalloc(const struct peer *peer)
{
  void *library = library_of(peer);
  int (*initialize)(void *);
  if (!find_plain(library, "rp") ||
      !find(library, "rpmalloc_initialize", &initialize))
    return false;
  return initialize(NULL) == 0;
}

static bool open_cpython(const struct peer *peer)
{
  void *library = library_of(peer);
  return library != NULL &&
         find(library, "PyObject_Malloc", &plain_malloc_at) &&
         find(library, "PyObject_Free", &plain_free_at) &&
         find(library, "PyObject_Realloc", &plain_realloc_at);
}

static void trim_own(void)
{
  (void)pym_heap_trim(own);
}

static bool open_with(const pym_options *options)
{
  own = pym_heap_new(options);
  heap = own;
  heap_malloc_at = (void *(*)(void *, size_t))pym_malloc;
  heap_free_at = (void (*)(void *, void *))pym_free;
  heap_free_sized_at = (void (*)(void *, void *, size_t))pym_free_sized;
  heap_realloc_at = (void *(*)(void *, void *, size_t))pym_realloc;
  return own != NULL;
}

/* A heap of a profile that retains as many bytes as a hosting heap. */
static bool open_exact(const struct peer *peer)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find(strchr(peer->name, ' ') + 1)->geometry;
  options.retain_bytes = pym_options_hosting().retain_bytes;
  return open_with(&options);
}

/* A heap of profile 3.11 with the default 'retain_bytes'. */
static bool open_lean(const struct peer *peer)
{
  pym_options options = pym_options_default();
  (void)peer;
  options.geometry = pym_profile_find("3.11")->geometry;
  return open_with(&options);
}

/* Arenas of 64 KiB: about ten thousand of them hold ten million blocks. */
static bool open_small_arenas(const struct peer *peer)
{
  pym_options options = pym_options_default();
  (void)peer;
  options.geometry.arena_bytes = (size_t)64 << 10;
  options.retain_bytes = pym_options_hosting().retain_bytes;
  return open_with(&options);
}

static bool open_cached(const struct peer *peer)
{
  pym_options options = pym_options_hosting();
  (void)peer;
  return open_with(&options);
}

bool peer_is_found(const struct peer *peer)
{
  return peer->library == NULL || path_of(peer->library) != NULL;
}

#define MIMALLOC "libmimalloc.so.2"
#define CPYTHON "libpython3.11.so.1.0"

static const struct peer all[] = {
    {"limit inline", NULL, limit_workloads, NULL, NULL, false},
    {"limit called", NULL, limit_called_workloads, NULL, NULL, false},
    {"exact 3.6", NULL, heap_workloads, open_exact, trim_own, false},
    {"exact 3.11", NULL, heap_workloads, open_exact, trim_own, false},
    {"exact 3.11 lean", NULL, heap_workloads, open_lean, trim_own, false},
    {"exact 64K arenas", NULL, heap_workloads, open_small_arenas, trim_own,
     true},
    {"cached", NULL, heap_workloads, open_cached, trim_own, false},
    {"cached sized", NULL, heap_sized_workloads, open_cached, trim_own, false},
    {"cached inline", NULL, inline_workloads, open_cached, trim_own, false},
    {"cached inline sized", NULL, inline_sized_workloads, open_cached, trim_own,
     false},
    {"glibc", NULL, plain_workloads, open_glibc, trim_glibc, false},
    {"mimalloc", MIMALLOC, plain_workloads, open_mimalloc, trim_mimalloc,
     false},
    {"mimalloc sized", MIMALLOC, sized_workloads, open_mimalloc_sized,
     trim_mimalloc, false},
    {"mimalloc heap", MIMALLOC, heap_mixed_workloads, open_mimalloc_heap,
     trim_mimalloc, false},
    {"mimalloc3", "mimalloc3", plain_workloads, open_mimalloc, trim_mimalloc,
     false},
    {"mimalloc3 sized", "mimalloc3", sized_workloads, open_mimalloc_sized,
     trim_mimalloc, false},
    {"mimalloc3 heap", "mimalloc3", heap_mixed_workloads, open_mimalloc_heap,
     trim_mimalloc, false},
    {"jemalloc", "libjemalloc.so.2", plain_workloads, open_plain, NULL, false},
    {"tcmalloc", "libtcmalloc_minimal.so.4", plain_workloads, open_plain, NULL,
     false},
    {"rpmalloc", "rpmalloc", plain_workloads, open_rpmalloc, NULL, false},
    {"snmalloc", "snmalloc", plain_workloads, open_plain, NULL, false},
    {"CPython 3.11", CPYTHON, plain_workloads, open_cpython, NULL, false},
};

const struct peer *peers(size_t *count)
{
  *count = sizeof all / sizeof all[0];
  return all;
}

/* }================================================================== */
