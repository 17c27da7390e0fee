/*
** A library to be preloaded into a CPython of version 3.7 or later. It records
** the requests of its object and memory domains, from before the first object
** until after the last. CPython's own allocator serves each request.
**
** The functions of CPython are looked up by name. A program that does not have
** them runs without being recorded. So does a CPython that its environment or
** -X dev tells to use other allocators: it then replaces the recorder.
*/
#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "writer.h"

/* PyMemAllocatorEx and PyMemAllocatorDomain, as in Python's headers. */
struct allocator {
  void *context;
  void *(*malloc)(void *context, size_t bytes);
  void *(*calloc)(void *context, size_t count, size_t bytes);
  void *(*realloc)(void *context, void *old, size_t bytes);
  void (*free)(void *context, void *block);
};
enum { DOMAIN_MEMORY = 1, DOMAIN_OBJECT = 2 };

typedef void get_allocator(int domain, struct allocator *allocator);
typedef void set_allocator(int domain, const struct allocator *allocator);
typedef const char *get_version(void);

static struct allocator memory, object; /* CPython's own allocators */

static void *record_malloc(void *context, size_t bytes)
{
  const struct allocator *own = context;
  void *block = own->malloc(own->context, bytes);
  if (block != NULL)
    writer_put(LOG_MALLOC, block, bytes, 1, 0, 0);
  return block;
}

static void *record_calloc(void *context, size_t count, size_t bytes)
{
  const struct allocator *own = context;
  void *block = own->calloc(own->context, count, bytes);
  if (block != NULL)
    writer_put(LOG_CALLOC, block, bytes, count, 0, 0);
  return block;
}

/* A realloc to 0 bytes is no free: CPython returns a block for it. */
static void *record_realloc(void *context, void *old, size_t bytes)
{
  const struct allocator *own = context;
  writer_put(LOG_REALLOC_BEGIN, old, 0, 0, 0, 0);
  void *block = own->realloc(own->context, old, bytes);
  writer_put(LOG_REALLOC_END, block, bytes, 1, 0, 0);
  return block;
}

static void record_free(void *context, void *block)
{
  const struct allocator *own = context;
  if (block != NULL)
    writer_put(LOG_FREE, block, 0, 0, 0, 0);
  own->free(own->context, block);
}

static void stand_before(int domain, struct allocator *own, get_allocator *get,
                         set_allocator *set)
{
  get(domain, own);
  const struct allocator recorder = {.context = own,
                                     .malloc = record_malloc,
                                     .calloc = record_calloc,
                                     .realloc = record_realloc,
                                     .free = record_free};
  set(domain, &recorder);
}

/* C has no conversion from the void * of dlsym to a pointer to a function. */
#define LOOK_UP(function, name) \
  (*(void **)&(function) = dlsym(RTLD_DEFAULT, (name)))

__attribute__((constructor)) static void start(void)
{
  char what[LOG_WHAT_BYTES];
  get_allocator *get;
  set_allocator *set;
  get_version *version;
  LOOK_UP(get, "PyMem_GetAllocator");
  LOOK_UP(set, "PyMem_SetAllocator");
  LOOK_UP(version, "Py_GetVersion");
  if (get == NULL || set == NULL || version == NULL)
    return;
  const char *all = version(); /* "3.11.2 (main, Nov 30 2024, ..." */
  (void)snprintf(what, sizeof what, "CPython %.*s", (int)strcspn(all, " "),
                 all);
  if (!writer_open(what))
    return;
  stand_before(DOMAIN_MEMORY, &memory, get, set);
  stand_before(DOMAIN_OBJECT, &object, get, set);
}
