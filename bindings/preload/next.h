/*
** The allocator that serves the program: the one that it would use without the
** recorder. It is the C library's, or one that is linked or preloaded.
**
** The functions are looked up at the first request, by dlsym, which may itself
** ask for memory. These requests get blocks of a small static array; they are
** not recorded and never freed.
*/
#ifndef NEXT_H
#define NEXT_H

#include <stddef.h>
#include <stdint.h>

/*
** X(name, result, parameters, arguments, early): 'early' is the result for a
** request that the lookup itself makes.
*/
#define NEXT_FUNCTIONS(X)                                                   \
  X(malloc, void *, (size_t bytes), (bytes), next_early_malloc(bytes))      \
  X(calloc, void *, (size_t count, size_t bytes), (count, bytes),           \
    next_early_calloc(count, bytes))                                        \
  X(realloc, void *, (void *old, size_t bytes), (old, bytes),               \
    old == NULL ? next_early_malloc(bytes) : NULL)                          \
  X(aligned_alloc, void *, (size_t alignment, size_t bytes),                \
    (alignment, bytes), NULL)                                               \
  X(memalign, void *, (size_t alignment, size_t bytes), (alignment, bytes), \
    NULL)                                                                   \
  X(valloc, void *, (size_t bytes), (bytes), NULL)                          \
  X(pvalloc, void *, (size_t bytes), (bytes), NULL)                         \
  X(posix_memalign, int, (void **block, size_t alignment, size_t bytes),    \
    (block, alignment, bytes), ENOMEM)

struct next {
#define X(name, result, parameters, arguments, early) result(*name) parameters;
  NEXT_FUNCTIONS(X)
#undef X
  void (*free)(void *block);
};

extern struct next next __attribute__((visibility("hidden")));

/*
** A function of that name behind the recorder, in the order in which the
** dynamic linker searches, or NULL. Call it in no signal handler.
*/
void *next_find(const char *name);

/* Is it a function of the library that has the next malloc? */
_Bool next_is_allocator(void *function);

#define NEXT_EARLY_BYTES 16384u /* of the array */
extern char next_early[NEXT_EARLY_BYTES] __attribute__((visibility("hidden")));

/* Is it a block of the static array? */
static inline _Bool next_is_early(const void *block)
{
  return (uintptr_t)block - (uintptr_t)next_early < NEXT_EARLY_BYTES;
}

#endif
