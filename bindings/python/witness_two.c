/*
** The witness of a CPython 2.7, whose allocator cannot be replaced: these
** functions stand before its own ones of the same name, which its libraries call
** through the dynamic linker. So CPython has to be built with a shared library.
** Arenas are the calls of mmap and munmap that are made inside of a request.
*/
#include "witness_record.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED void *PyObject_Malloc(size_t bytes);
EXPORTED void *PyObject_Realloc(void *served, size_t bytes);
EXPORTED void PyObject_Free(void *served);

/* Calls of CPython's allocator in progress: it calls these functions, too. */
static int depth;
static bool is_placing; /* an arena is obtained or released */

/* C has no conversion from the void * of dlsym to a pointer to a function. */
#define NEXT(pointer, name)                            \
  do {                                                 \
    if ((pointer) == NULL)                             \
      *(void **)&(pointer) = dlsym(RTLD_NEXT, (name)); \
  } while (false)

static void *own_malloc(void *context, size_t bytes)
{
  static void *(*next)(size_t bytes);
  (void)context;
  NEXT(next, "PyObject_Malloc");
  depth++;
  void *served = next(bytes);
  depth--;
  return served;
}

static void *own_realloc(void *context, void *old, size_t bytes)
{
  static void *(*next)(void *old, size_t bytes);
  (void)context;
  NEXT(next, "PyObject_Realloc");
  depth++;
  void *served = next(old, bytes);
  depth--;
  return served;
}

static void own_free(void *context, void *served)
{
  static void (*next)(void *served);
  (void)context;
  NEXT(next, "PyObject_Free");
  depth++;
  next(served);
  depth--;
}

/* The recorder, or CPython's allocator inside of a request. */
static const struct allocator *front(void)
{
  static const struct allocator own = {
      .malloc = own_malloc, .realloc = own_realloc, .free = own_free};
  static struct allocator recorder;
  if (depth > 0 || record.file == NULL)
    return &own;
  record.object = own;
  recorder = record_front(&record.object);
  return &recorder;
}

void *PyObject_Malloc(size_t bytes)
{
  const struct allocator *allocator = front();
  return allocator->malloc(allocator->context, bytes);
}

void *PyObject_Realloc(void *served, size_t bytes)
{
  const struct allocator *allocator = front();
  return allocator->realloc(allocator->context, served, bytes);
}

void PyObject_Free(void *served)
{
  const struct allocator *allocator = front();
  allocator->free(allocator->context, served);
}

/* Is it an arena of CPython's allocator? */
static bool is_arena(size_t bytes)
{
  return depth > 0 && !is_placing && record.file != NULL &&
         bytes == record.real.arenas.arena_bytes;
}

/* mmap has another name where files may be large. */
EXPORTED void *mmap64(void *address, size_t bytes, int protection, int flags,
                      int file, off64_t offset)
{
  if (address != NULL || !is_arena(bytes))
    return (void *)syscall(SYS_mmap, address, bytes, protection, flags, file,
                           offset);
  is_placing = true;
  void *arena = arenas_obtain(&record.real.arenas, bytes);
  is_placing = false;
  return arena == NULL ? MAP_FAILED : arena;
}

EXPORTED void *mmap(void *address, size_t bytes, int protection, int flags,
                    int file, off_t offset)
{
  return mmap64(address, bytes, protection, flags, file, offset);
}

EXPORTED int munmap(void *address, size_t bytes)
{
  if (!is_arena(bytes))
    return (int)syscall(SYS_munmap, address, bytes);
  is_placing = true;
  arenas_release(&record.real.arenas, address, bytes);
  is_placing = false;
  return 0;
}
