#include "allocators.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pymalloc.h"

/*
** {==================================================================
** The lua_Alloc functions
** ===================================================================
*/

/* The allocator that is open in this process. */
static struct {
  void *(*malloc)(size_t bytes);
  void *(*realloc)(void *block, size_t bytes);
  void (*free)(void *block);
  void (*free_sized)(void *block, size_t bytes);
  pym_heap *heap;
} open_now;

static void *plain_alloc(void *context, void *block, size_t old_bytes,
                         size_t bytes)
{
  (void)context;
  (void)old_bytes;
  if (bytes == 0) {
    open_now.free(block);
    return NULL;
  }
  return block == NULL ? open_now.malloc(bytes)
                       : open_now.realloc(block, bytes);
}

static void *sized_alloc(void *context, void *block, size_t old_bytes,
                         size_t bytes)
{
  (void)context;
  if (bytes == 0) {
    if (block != NULL)
      open_now.free_sized(block, old_bytes);
    return NULL;
  }
  return block == NULL ? open_now.malloc(bytes)
                       : open_now.realloc(block, bytes);
}

/*
** The limit: a free list for each size in steps of 16 bytes up to 512, and for
** each power of two above. It returns no memory: an allocator cannot do less.
*/
#define LIMIT_SMALL 512u
#define LIMIT_CHUNK ((size_t)64 << 20)

static void *limit_lists[128];
static char *limit_next, *limit_end;

static size_t limit_class(size_t bytes)
{
  return bytes <= LIMIT_SMALL ? (bytes + 15) / 16
                              : 128u - (size_t)__builtin_clzll(bytes - 1);
}

static size_t limit_class_bytes(size_t class)
{
  return class <= LIMIT_SMALL / 16 ? class * 16 : (size_t)1 << (class - 64);
}

static __attribute__((noinline)) void *limit_bump(size_t bytes)
{
  if ((size_t)(limit_end - limit_next) < bytes) {
    size_t chunk = bytes > LIMIT_CHUNK ? bytes : LIMIT_CHUNK;
    limit_next = aligned_alloc(4096, (chunk + 4095) & ~(size_t)4095);
    limit_end = limit_next + chunk;
  }
  limit_next += bytes;
  return limit_next - bytes;
}

static void *limit_take(size_t bytes)
{
  size_t class = limit_class(bytes);
  void **block = limit_lists[class];
  if (block == NULL)
    return limit_bump(limit_class_bytes(class));
  limit_lists[class] = *block;
  return block;
}

static void limit_give(void *block, size_t bytes)
{
  size_t class = limit_class(bytes);
  *(void **)block = limit_lists[class];
  limit_lists[class] = block;
}

static void *limit_alloc(void *context, void *block, size_t old_bytes,
                         size_t bytes)
{
  (void)context;
  if (block == NULL)
    return bytes == 0 ? NULL : limit_take(bytes);
  if (bytes == 0) {
    limit_give(block, old_bytes);
    return NULL;
  }
  if (limit_class(old_bytes) == limit_class(bytes))
    return block;
  void *moved = limit_take(bytes);
  memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
  limit_give(block, old_bytes);
  return moved;
}

/* }================================================================== */

/*
** {==================================================================
** Opening them
** ===================================================================
*/

/* A function of the library; POSIX lets an object pointer carry it. */
static bool find(void *library, const char *prefix, const char *name,
                 void *function)
{
  char whole[64];
  (void)snprintf(whole, sizeof whole, "%s%s", prefix, name);
  void *found = dlsym(library, whole);
  memcpy(function, &found, sizeof found);
  return found != NULL;
}

static bool open_library(const struct allocator *allocator, const char *path)
{
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  const char *prefix = allocator->prefix;
  if (library == NULL) {
    (void)fprintf(stderr, "%s: %s\n", allocator->name, dlerror());
    return false;
  }
  return find(library, prefix, "malloc", &open_now.malloc) &&
         find(library, prefix, "realloc", &open_now.realloc) &&
         find(library, prefix, "free", &open_now.free) &&
         (allocator->allocate != sized_alloc ||
          find(library, prefix, "free_size", &open_now.free_sized));
}

static bool open_rpmalloc(const struct allocator *allocator, const char *path)
{
  int (*initialize)(void *);
  return open_library(allocator, path) &&
         find(dlopen(path, RTLD_NOW | RTLD_LOCAL), "", "rpmalloc_initialize",
              &initialize) &&
         initialize(NULL) == 0;
}

static bool open_cpython(const struct allocator *allocator, const char *path)
{
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  (void)allocator;
  return library != NULL &&
         find(library, "PyObject_", "Malloc", &open_now.malloc) &&
         find(library, "PyObject_", "Realloc", &open_now.realloc) &&
         find(library, "PyObject_", "Free", &open_now.free);
}

static bool open_exact(const struct allocator *allocator, const char *path)
{
  pym_options options = pym_options_default();
  const char *profile = strchr(allocator->name, ' ') + 1;
  (void)path;
  options.geometry = pym_profile_find(profile)->geometry;
  open_now.heap = pym_heap_new(&options);
  return open_now.heap != NULL;
}

static bool open_cached(const struct allocator *allocator, const char *path)
{
  pym_options options = pym_options_hosting();
  (void)allocator;
  (void)path;
  open_now.heap = pym_heap_new(&options);
  return open_now.heap != NULL;
}

bool allocator_open(const struct allocator *allocator, const char *path,
                    void **context)
{
  if (path == NULL && allocator->library != NULL &&
      strchr(allocator->library, '.') != NULL)
    path = allocator->library;
  if (allocator->library != NULL && path == NULL)
    return false;
  if (allocator->open != NULL && !allocator->open(allocator, path))
    return false;
  *context = open_now.heap;
  return true;
}

/* }================================================================== */

#define MIMALLOC "libmimalloc.so.2"
#define JEMALLOC "libjemalloc.so.2"
#define TCMALLOC "libtcmalloc_minimal.so.4"
#define CPYTHON "libpython3.11.so.1.0"

static const struct allocator all[] = {
    {"glibc", NULL, NULL, NULL, NULL, NULL},
    {"mimalloc", MIMALLOC, "mi_", open_library, plain_alloc, NULL},
    {"mimalloc sized", MIMALLOC, "mi_", open_library, sized_alloc, NULL},
    {"mimalloc3", "mimalloc3", "mi_", open_library, plain_alloc, NULL},
    {"mimalloc3 sized", "mimalloc3", "mi_", open_library, sized_alloc, NULL},
    {"jemalloc", JEMALLOC, "", open_library, plain_alloc, NULL},
    {"tcmalloc", TCMALLOC, "", open_library, plain_alloc, NULL},
    {"rpmalloc", "rpmalloc", "rp", open_rpmalloc, plain_alloc, NULL},
    {"snmalloc", "snmalloc", "", open_library, plain_alloc, NULL},
    {"CPython 3.11", CPYTHON, NULL, open_cpython, plain_alloc, NULL},
    {"exact 3.6", NULL, NULL, open_exact, pym_lua_alloc, NULL},
    {"exact 3.11", NULL, NULL, open_exact, pym_lua_alloc, NULL},
    {"cached", NULL, NULL, open_cached, pym_lua_alloc, NULL},
    {"hosted", NULL, NULL, NULL, NULL, "pymalloc.hosted"},
    {"limit", NULL, NULL, NULL, limit_alloc, NULL},
};

const struct allocator *allocators(size_t *count)
{
  *count = sizeof all / sizeof all[0];
  return all;
}
