/*
** A side module for Pyodide, CPython compiled to WebAssembly, which has no
** allocator for small objects: it puts CPython's object and memory domains on a
** heap. Python calls these functions by ctypes; script/suite/pyodide builds the
** module and runs programs on it.
**
** Blocks that CPython has allocated before are outside the heap's region, as
** large blocks are: the allocator that served them, the heap's raw allocator,
** frees them.
*/
#include <stdlib.h>
#include <string.h>

#include "../python/domains.h"
#include "base/base.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int pymalloc_install(size_t reserve_bytes);
EXPORTED const char *pymalloc_fault(void);
EXPORTED const char *pymalloc_report(void);
EXPORTED double pymalloc_requests(void);

extern void PyMem_GetAllocator(int domain, struct allocator *allocator);
extern void PyMem_SetAllocator(int domain, const struct allocator *allocator);

static struct {
  pym_heap *heap;
  uint64_t requests;
  char *text;
  size_t text_bytes;
} hosted;

static void *hosted_malloc(void *context, size_t bytes)
{
  hosted.requests++;
  return pym_malloc(context, bytes);
}

static void *hosted_calloc(void *context, size_t count, size_t bytes)
{
  hosted.requests++;
  return pym_calloc(context, count, bytes);
}

static void *hosted_realloc(void *context, void *old, size_t bytes)
{
  hosted.requests++;
  return pym_realloc(context, old, bytes);
}

static void hosted_free(void *context, void *freed)
{
  hosted.requests++;
  pym_free(context, freed);
}

/* The allocator of before, for large requests. Both domains have the same. */
static pym_raw previous(void)
{
  struct allocator own;
  PyMem_GetAllocator(DOMAIN_OBJECT, &own);
  return (pym_raw){.context = own.context,
                   .malloc = own.malloc,
                   .calloc = own.calloc,
                   .realloc = own.realloc,
                   .free = own.free};
}

/* Returns whether CPython is on a heap now, of the geometry of 3.11. */
int pymalloc_install(size_t reserve_bytes)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("3.11")->geometry;
  options.reserve_bytes = reserve_bytes;
  options.raw = previous();
  if (hosted.heap == NULL)
    hosted.heap = pym_heap_new(&options);
  if (hosted.heap == NULL)
    return 0;
  const struct allocator ours = {.context = hosted.heap,
                                 .malloc = hosted_malloc,
                                 .calloc = hosted_calloc,
                                 .realloc = hosted_realloc,
                                 .free = hosted_free};
  PyMem_SetAllocator(DOMAIN_OBJECT, &ours);
  PyMem_SetAllocator(DOMAIN_MEMORY, &ours);
  return 1;
}

/* Checks every invariant. NULL: all hold; or a sentence. */
const char *pymalloc_fault(void)
{
  static pym_fault fault;
  if (hosted.heap == NULL)
    return "no heap is installed";
  return pym_check(hosted.heap, &fault) ? NULL : fault.text;
}

static bool gather(void *context, const char *text, size_t bytes)
{
  (void)context;
  char *grown = realloc(hosted.text, hosted.text_bytes + bytes + 1);
  if (grown == NULL)
    return false;
  memcpy(grown + hosted.text_bytes, text, bytes);
  hosted.text = grown;
  hosted.text_bytes += bytes;
  grown[hosted.text_bytes] = '\0';
  return true;
}

/* The report of sys._debugmallocstats(), until the next call. NULL: no heap. */
const char *pymalloc_report(void)
{
  if (hosted.heap == NULL)
    return NULL;
  hosted.text_bytes = 0;
  return pym_report(hosted.heap, false, gather, NULL) ? hosted.text : NULL;
}

double pymalloc_requests(void)
{
  return (double)hosted.requests;
}
