#include <Python.h>

#include "host.h"

#include <stdlib.h>

#include "heap.h"
#include "walk.h"

/* Exported, and declared in internal headers of CPython alone. */
extern const char *_PyMem_GetCurrentAllocatorName(void);
extern int _PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain,
                                      PyMemAllocatorEx *old);

/* An interpreter has one object allocator, so there is one of these. */
static struct host {
  pym_heap *heap;
  PyMemAllocatorEx owner; /* before us */
  bool is_counting;
  struct host_counts counts;
} host;

/*
** {==================================================================
** What CPython calls
** ===================================================================
*/

static void *host_malloc(void *context, size_t bytes)
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

static void host_free(void *context, void *freed)
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

/*
** {==================================================================
** The owner before us
** ===================================================================
*/

static void *libc_malloc(void *context, size_t bytes)
{
  (void)context;
  return malloc(bytes == 0 ? 1 : bytes);
}

static void *libc_calloc(void *context, size_t count, size_t bytes)
{
  bool is_empty = count == 0 || bytes == 0;
  (void)context;
  return is_empty ? calloc(1, 1) : calloc(count, bytes);
}

static void *libc_realloc(void *context, void *old, size_t bytes)
{
  (void)context;
  return realloc(old, bytes == 0 ? 1 : bytes);
}

static void libc_free(void *context, void *freed)
{
  (void)context;
  free(freed);
}

static const PyMemAllocatorEx libc_owner = {.malloc = libc_malloc,
                                            .calloc = libc_calloc,
                                            .realloc = libc_realloc,
                                            .free = libc_free};

/* Do both domains stand on one allocator, so that it can own for both? */
static bool domains_agree(void)
{
  PyMemAllocatorEx object, memory;
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &object);
  PyMem_GetAllocator(PYMEM_DOMAIN_MEM, &memory);
  return object.malloc == memory.malloc && object.free == memory.free;
}

/* CPython's own pymalloc, bare of hooks. */
static PyMemAllocatorEx bare_pymalloc(void)
{
  PyMemAllocatorEx hooked, bare;
  (void)_PyMem_SetDefaultAllocator(PYMEM_DOMAIN_OBJ, &hooked);
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &bare);
  PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &hooked);
  return bare;
}

/*
** Finds the owner. Debug hooks are looked through: what they stand on is the
** owner, and they are to stand on us. false: nobody can own for both domains.
*/
static bool find_owner(bool *is_debug)
{
  const char *name = _PyMem_GetCurrentAllocatorName();
  *is_debug = name != NULL && strstr(name, "debug") != NULL;
  if (!*is_debug)
    PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &host.owner);
  else if (strcmp(name, "malloc_debug") == 0)
    host.owner = libc_owner;
  else
    host.owner = bare_pymalloc();
  return domains_agree() || *is_debug;
}

static pym_raw owner_as_raw(void)
{
  return (pym_raw){.context = host.owner.ctx,
                   .malloc = host.owner.malloc,
                   .calloc = host.owner.calloc,
                   .realloc = host.owner.realloc,
                   .free = host.owner.free};
}

/* }================================================================== */

/* From here on; debug hooks, where they were on, are put around us. */
static void take_over(bool is_debug)
{
  PyMemAllocatorEx ours = allocator();
  PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &ours);
  PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &ours);
  if (is_debug)
    PyMem_SetupDebugHooks();
}

const char *host_install(pym_options options, bool is_counting)
{
  bool is_debug;
  if (host.heap != NULL)
    return "a heap hosts this process already";
  if (!find_owner(&is_debug))
    return "the object and memory domains stand on different allocators";
  options.raw = owner_as_raw();
  host.heap = pym_heap_new(&options);
  if (host.heap == NULL)
    return "there is no memory for a heap";
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
