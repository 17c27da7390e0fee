/*
** The raw allocator that heaps have by default: the C library's.
*/
#include <stdlib.h>

#include "base/base.h"

static void *raw_malloc(void *context, size_t bytes)
{
  (void)context;
  return malloc(bytes);
}

static void *raw_calloc(void *context, size_t count, size_t bytes)
{
  (void)context;
  return calloc(count, bytes);
}

static void *raw_realloc(void *context, void *block, size_t bytes)
{
  (void)context;
  return realloc(block, bytes);
}

static void raw_free(void *context, void *block)
{
  (void)context;
  free(block);
}

pym_raw pym_raw_default(void)
{
  return (pym_raw){.malloc = raw_malloc,
                   .calloc = raw_calloc,
                   .realloc = raw_realloc,
                   .free = raw_free};
}
