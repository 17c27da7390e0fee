/*
** A library to be preloaded into a CPython of version 3.7 or later. It records
** the requests of its object and memory domains, from before the first object
** until after the last. CPython's own allocator serves each request.
**
** The functions of CPython are looked up by name. A program that does not have
** them runs without being recorded. So does a CPython that is too old or
** free-threaded: the log then has its version. A CPython that uses other
** allocators, because of its environment or -X dev, replaces the recorder.
*/
#define _GNU_SOURCE

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python_api.h"
#include "python_origin.h"
#include "writer.h"

static struct allocator memory, object; /* CPython's own allocators */

static void put(enum log_kind kind, const void *block, size_t bytes,
                size_t count)
{
  struct origin origin = origin_now();
  if (origin.interpreter != ORIGIN_NOT_COUNTED)
    writer_put(kind, block, bytes, count, origin.site, origin.interpreter);
  else if (kind == LOG_REALLOC_END) /* of a block that the log does not have */
    writer_put(kind, NULL, bytes, 1, 0, 0);
}

static void *record_malloc(void *context, size_t bytes)
{
  const struct allocator *own = context;
  void *block = own->malloc(own->context, bytes);
  if (block != NULL)
    put(LOG_MALLOC, block, bytes, 1);
  return block;
}

static void *record_calloc(void *context, size_t count, size_t bytes)
{
  const struct allocator *own = context;
  void *block = own->calloc(own->context, count, bytes);
  if (block != NULL)
    put(LOG_CALLOC, block, bytes, count);
  return block;
}

/* A realloc to 0 bytes is not a free: CPython returns a block for it. */
static void *record_realloc(void *context, void *old, size_t bytes)
{
  const struct allocator *own = context;
  writer_put(LOG_REALLOC_BEGIN, old, 0, 0, 0, 0);
  void *block = own->realloc(own->context, old, bytes);
  put(LOG_REALLOC_END, block, bytes, 1);
  return block;
}

static void record_free(void *context, void *block)
{
  const struct allocator *own = context;
  if (block != NULL) {
    origin_forget(block);
    writer_put(LOG_FREE, block, 0, 0, 0, 0);
  }
  own->free(own->context, block);
}

static void stand_before(int domain, struct allocator *own)
{
  python_api.get_allocator(domain, own);
  const struct allocator recorder = {.context = own,
                                     .malloc = record_malloc,
                                     .calloc = record_calloc,
                                     .realloc = record_realloc,
                                     .free = record_free};
  python_api.set_allocator(domain, &recorder);
}

/*
** Arenas of versions whose pools are larger than pages of 4 KiB. An arena may
** miss the alignment of pools, and then has one pool fewer.
*/
#define FIRST_MINOR_OF_LARGE_POOLS 10u
#define POOL_BYTES ((size_t)16 << 10)
#define ARENA_BYTES ((size_t)1 << 20)

static struct arena_source arenas; /* CPython's own */

/* Chunks of another size, which are no arenas, come from here, too. */
static void *record_arena(void *context, size_t bytes)
{
  void *arena = arenas.alloc(context, bytes);
  if (arena != NULL && bytes == ARENA_BYTES)
    put(LOG_ARENA, NULL, (uintptr_t)arena % POOL_BYTES, 1);
  return arena;
}

static void watch_arenas(void)
{
  if (python_api.minor < FIRST_MINOR_OF_LARGE_POOLS ||
      python_api.get_arena_source == NULL ||
      python_api.set_arena_source == NULL)
    return;
  python_api.get_arena_source(&arenas);
  struct arena_source watched = arenas;
  watched.alloc = record_arena;
  python_api.set_arena_source(&watched);
}

/* The number of frames that 'pymalloc record --where' asks for. */
static unsigned depth_wanted(void)
{
  const char *depth = getenv("PYMALLOC_RECORD_DEPTH");
  return depth == NULL ? 0 : (unsigned)strtoul(depth, NULL, 10);
}

/*
** Opens the log. The letter t behind the version means free-threaded, as in
** Python's names of files.
*/
static bool open_log(bool wants_stacks)
{
  char what[LOG_WHAT_BYTES];
  (void)snprintf(
      what, sizeof what, "CPython %.*s%s%s",
      (int)strcspn(python_api.version, " "), python_api.version,
      python_api.is_free_threaded ? "t" : "",
      wants_stacks && python_api.layout == NULL ? ", without call stacks" : "");
  return writer_open(what);
}

__attribute__((constructor)) static void start(void)
{
  unsigned depth = depth_wanted();
  if (!python_api_open() || !open_log(depth > 0) || !python_api.is_recordable)
    return;
  origin_open(depth);
  stand_before(DOMAIN_MEMORY, &memory);
  stand_before(DOMAIN_OBJECT, &object);
  watch_arenas();
}
