#define _GNU_SOURCE

#include "real_allocator.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The file that has a function; NULL: unknown. */
static const char *file_of(void *function, void **base)
{
  Dl_info info;
  if (function == NULL || dladdr(function, &info) == 0)
    return NULL;
  *base = info.dli_fbase;
  return info.dli_fname;
}

static void *find(const char *name)
{
  return dlsym(RTLD_DEFAULT, name);
}

/* Stores a function. ISO C has no conversion from a pointer to data. */
static void store(void *place, void *function)
{
  memcpy(place, &function, sizeof function);
}

static bool fail(struct real_plan *plan, const char *sentence, const char *name)
{
  (void)snprintf(plan->problem, sizeof plan->problem, sentence, name);
  return false;
}

/* Is it the malloc that the plan asks for? */
static bool check_library(struct real_plan *plan, void *base)
{
  void *libc = NULL;
  (void)file_of(find("strtoul"), &libc);
  if (plan->kind == REAL_LIBC && base != libc)
    return fail(plan, "malloc is that of %s", plan->library);
  if (plan->kind == REAL_LIBRARY && base == libc)
    return fail(plan, "%s", "the library was not loaded or has no malloc");
  return true;
}

/* Finds the four functions, which must be of one file. */
static bool find_all(struct real_allocator *allocator, struct real_plan *plan,
                     const char *const names[4])
{
  void *const places[] = {&allocator->malloc, &allocator->calloc,
                          &allocator->realloc, &allocator->free};
  void *first = NULL;
  for (size_t i = 0; i < 4; i++) {
    void *function = find(names[i]), *base = NULL;
    const char *file = file_of(function, &base);
    if (file == NULL)
      return fail(plan, "there is no function %s", names[i]);
    if (i == 0) {
      first = base;
      (void)snprintf(plan->library, sizeof plan->library, "%s", file);
      if (!check_library(plan, base))
        return false;
    }
    if (base != first)
      return fail(plan, "the library has malloc but not %s", names[i]);
    store(places[i], function);
  }
  return true;
}

bool real_allocator_find(struct real_allocator *allocator,
                         struct real_plan *plan)
{
  static const char *const plain[] = {"malloc", "calloc", "realloc", "free"};
  static const char *const python[] = {"PyObject_Malloc", "PyObject_Calloc",
                                       "PyObject_Realloc", "PyObject_Free"};
  bool is_python = plan->kind == REAL_CPYTHON;
  return find_all(allocator, plan, is_python ? python : plain);
}

/* A function of that name in the file that has malloc, or NULL. */
static void *beside_malloc(const char *name)
{
  void *function = find(name), *base = NULL, *other = NULL;
  (void)file_of(find("malloc"), &base);
  (void)file_of(function, &other);
  return base == other ? function : NULL;
}

static void trim_glibc(void *function)
{
  int (*malloc_trim_at)(size_t);
  store(&malloc_trim_at, function);
  (void)malloc_trim_at(0);
}

/* 4096 is MALLCTL_ARENAS_ALL of jemalloc. */
static void trim_jemalloc(void *function)
{
  int (*mallctl_at)(const char *, void *, size_t *, void *, size_t);
  store(&mallctl_at, function);
  (void)mallctl_at("thread.tcache.flush", NULL, NULL, NULL, 0);
  (void)mallctl_at("arena.4096.purge", NULL, NULL, NULL, 0);
}

static void trim_mimalloc(void *function)
{
  void (*mi_collect_at)(bool);
  store(&mi_collect_at, function);
  mi_collect_at(true);
}

static void trim_tcmalloc(void *function)
{
  void (*release_at)(void);
  store(&release_at, function);
  release_at();
}

bool real_allocator_trim(struct real_plan *plan)
{
  static const struct {
    const char *name;
    void (*trim)(void *function);
  } ways[] = {{"mallctl", trim_jemalloc},
              {"mi_collect", trim_mimalloc},
              {"MallocExtension_ReleaseFreeMemory", trim_tcmalloc},
              {"malloc_trim", trim_glibc}};
  if (plan->kind == REAL_CPYTHON)
    return false;
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    void *function = beside_malloc(ways[i].name);
    if (function != NULL) {
      ways[i].trim(function);
      (void)snprintf(plan->trim, sizeof plan->trim, "%s", ways[i].name);
      return true;
    }
  }
  return false;
}
