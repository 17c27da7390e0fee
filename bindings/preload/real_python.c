#define _GNU_SOURCE

/*
** Before its first request, an interpreter has arenas with free pools, and
** pools with free blocks, which requests of a trace would take without
** obtaining memory. real_python_fill takes all of them: it makes blocks of each
** size until one lies in memory that the interpreter has obtained since then.
*/
#include <dlfcn.h>
#include <string.h>

#include "real_allocator.h"

#define LARGEST 512u /* bytes that a pool serves */
#define STEP 8u      /* the smallest distance of two size classes */
#define CHUNKS 256   /* as many may be obtained: one or two for each size */

/* What PyObject_GetArenaAllocator fills. */
struct arena_source {
  void *context;
  void *(*alloc)(void *context, size_t bytes);
  void (*free)(void *context, void *chunk, size_t bytes);
};

/* The source of the interpreter, and the chunks that it gave. */
struct watched {
  struct arena_source next;
  struct {
    const char *start;
    size_t bytes;
  } chunks[CHUNKS];
  size_t count;
};

static void *alloc(void *context, size_t bytes)
{
  struct watched *watched = context;
  char *chunk = watched->next.alloc(watched->next.context, bytes);
  if (chunk != NULL && watched->count < CHUNKS) {
    watched->chunks[watched->count].start = chunk;
    watched->chunks[watched->count++].bytes = bytes;
  }
  return chunk;
}

static void give_back(void *context, void *chunk, size_t bytes)
{
  struct watched *watched = context;
  watched->next.free(watched->next.context, chunk, bytes);
}

static bool is_new(const struct watched *watched, const char *block)
{
  for (size_t i = 0; i < watched->count; i++)
    if ((size_t)(block - watched->chunks[i].start) < watched->chunks[i].bytes)
      return true;
  return false;
}

/* Makes blocks of that size until one is in a new arena, and frees that one. */
static void fill(const struct real_allocator *allocator,
                 const struct watched *watched, size_t bytes)
{
  void *block;
  while ((block = allocator->malloc(bytes)) != NULL &&
         !is_new(watched, block)) {
  }
  allocator->free(block);
}

void real_python_fill(const struct real_allocator *allocator)
{
  void *const found[] = {dlsym(RTLD_DEFAULT, "PyObject_GetArenaAllocator"),
                         dlsym(RTLD_DEFAULT, "PyObject_SetArenaAllocator")};
  void (*get)(struct arena_source *);
  void (*set)(const struct arena_source *);
  struct watched watched = {.count = 0};
  struct arena_source source = {&watched, alloc, give_back};
  if (found[0] == NULL || found[1] == NULL)
    return;
  memcpy(&get, &found[0], sizeof get);
  memcpy(&set, &found[1], sizeof set);
  get(&watched.next);
  set(&source);
  for (size_t bytes = LARGEST; bytes > 0; bytes -= STEP)
    fill(allocator, &watched, bytes);
  set(&watched.next);
}
