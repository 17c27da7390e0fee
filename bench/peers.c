#define _GNU_SOURCE

#include "peers.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pymalloc.h"
#include "ways.h"

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
  void *functions[] = {&ways_calls.plain_malloc, &ways_calls.plain_free,
                       &ways_calls.plain_realloc};
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
  ways_calls.plain_malloc = malloc;
  ways_calls.plain_free = free;
  ways_calls.plain_realloc = realloc;
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
         find(library_of(peer), "mi_free_size", &ways_calls.sized_free);
}

/* The thread's default heap: from 3.3 on mi_theap_, before that mi_heap_. */
static bool open_mimalloc_heap(const struct peer *peer)
{
  void *library = library_of(peer);
  void *(*get_default)(void);
  if (!open_mimalloc_sized(peer))
    return false;
  if (!(find(library, "mi_theap_get_default", &get_default) &&
        find(library, "mi_theap_malloc", &ways_calls.heap_malloc)) &&
      !(find(library, "mi_heap_get_default", &get_default) &&
        find(library, "mi_heap_malloc", &ways_calls.heap_malloc)))
    return false;
  ways_calls.heap = get_default();
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
         find(library, "PyObject_Malloc", &ways_calls.plain_malloc) &&
         find(library, "PyObject_Free", &ways_calls.plain_free) &&
         find(library, "PyObject_Realloc", &ways_calls.plain_realloc);
}

static void trim_own(void)
{
  (void)pym_heap_trim(ways_calls.own);
}

static bool open_with(const pym_options *options)
{
  ways_calls.own = pym_heap_new(options);
  ways_calls.heap = ways_calls.own;
  ways_calls.heap_malloc = (void *(*)(void *, size_t))pym_malloc;
  ways_calls.heap_free = (void (*)(void *, void *))pym_free;
  ways_calls.heap_free_sized = (void (*)(void *, void *, size_t))pym_free_sized;
  ways_calls.heap_realloc = (void *(*)(void *, void *, size_t))pym_realloc;
  return ways_calls.own != NULL;
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
