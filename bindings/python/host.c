#include <Python.h>

#include "host.h"

#include "upstream.h"
#include "state/heap.h"
#include "previous_allocator.h"
#include "state/walk.h"

#define FLATTEN __attribute__((flatten))

/* A process has one object allocator, so one record is enough. */
static struct host {
  pym_heap *heap;
  struct upstream upstream;
  bool is_counting;
  struct host_counts counts;
} host;

/*
** {==================================================================
** The functions that CPython calls. The fast paths are inlined into them.
** ===================================================================
*/

FLATTEN static void *host_malloc(void *context, size_t bytes)
{
  return pym_malloc(context, bytes);
}

static void *host_calloc(void *context, size_t count, size_t bytes)
{
  return pym_calloc(context, count, bytes);
}

static void *host_realloc(void *context, void *old, size_t bytes)
{
  return pym_realloc(context, old, bytes);
}

FLATTEN static void host_free(void *context, void *freed)
{
  pym_free(context, freed);
}

static void *counting_malloc(void *context, size_t bytes)
{
  host.counts.mallocs++;
  return pym_malloc(context, bytes);
}

static void *counting_calloc(void *context, size_t count, size_t bytes)
{
  host.counts.callocs++;
  return pym_calloc(context, count, bytes);
}

static void *counting_realloc(void *context, void *old, size_t bytes)
{
  host.counts.reallocs++;
  return pym_realloc(context, old, bytes);
}

static void counting_free(void *context, void *freed)
{
  host.counts.frees++;
  pym_free(context, freed);
}

static PyMemAllocatorEx allocator(void)
{
  if (host.is_counting)
    return (PyMemAllocatorEx){.ctx = host.heap,
                              .malloc = counting_malloc,
                              .calloc = counting_calloc,
                              .realloc = counting_realloc,
                              .free = counting_free};
  return (PyMemAllocatorEx){.ctx = host.heap,
                            .malloc = host_malloc,
                            .calloc = host_calloc,
                            .realloc = host_realloc,
                            .free = host_free};
}

/* }================================================================== */

/* Replaces the allocator of both domains. Puts debug hooks back in front. */
static void take_over(bool is_debug)
{
  PyMemAllocatorEx ours = allocator();
  PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &ours);
  PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &ours);
  if (is_debug)
    PyMem_SetupDebugHooks();
}

pym_options host_options(void)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("3.11")->geometry;
  options.geometry.arena_bytes = HOST_ARENA_BYTES;
  options.retain_bytes = HOST_RETAIN_BYTES;
  options.pages.large = NULL; /* a large page in part use adds to the peak */
  return options;
}

const char *host_install(pym_options options, bool is_counting)
{
  bool is_debug;
  if (host.heap != NULL)
    return "a heap hosts this process already";
  const char *why = previous_allocator_find(&host.upstream.previous, &is_debug);
  if (why != NULL)
    return why;
  options.raw = upstream_as_raw(&host.upstream);
  host.heap = pym_heap_new(&options);
  if (host.heap == NULL)
    return "there is no memory for a heap";
  host.upstream.heap = host.heap;
  host.is_counting = is_counting;
  take_over(is_debug);
  return NULL;
}

pym_heap *host_heap(void)
{
  return host.heap;
}

bool host_is_serving(void)
{
  void *probe = host.heap == NULL ? NULL : PyObject_Malloc(1);
  bool is_ours = probe != NULL && heap_owns(host.heap, probe);
  PyObject_Free(probe);
  return is_ours;
}

const struct host_counts *host_counts(void)
{
  return host.heap != NULL && host.is_counting ? &host.counts : NULL;
}

size_t host_live_blocks(void)
{
  return host.heap == NULL ? 0 : walk_live_blocks(host.heap);
}
