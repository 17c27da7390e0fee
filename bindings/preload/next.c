#define _GNU_SOURCE

#include "next.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define ALIGNMENT alignof(max_align_t)

alignas(ALIGNMENT) char next_early[NEXT_EARLY_BYTES];

static atomic_size_t early_bytes; /* used so far */

static void *next_early_malloc(size_t bytes)
{
  size_t needed = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (bytes > NEXT_EARLY_BYTES ||
      atomic_load(&early_bytes) > NEXT_EARLY_BYTES - needed) {
    errno = ENOMEM;
    return NULL;
  }
  return next_early + atomic_fetch_add(&early_bytes, needed);
}

static void *next_early_calloc(size_t count, size_t bytes)
{
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total))
    return NULL;
  return next_early_malloc(total); /* the array has zeros */
}

static void find_all(void);

/*
** The functions that serve requests until the real ones are found. If the
** allocator lacks a function, the one of this table stays, and fails.
*/
#define X(name, result, parameters, arguments, early)                 \
  static result first_##name parameters                               \
  {                                                                   \
    find_all();                                                       \
    return next.name == first_##name ? (early) : next.name arguments; \
  }
NEXT_FUNCTIONS(X)
#undef X

static void first_free(void *block)
{
  find_all();
  if (next.free != first_free)
    next.free(block);
}

struct next next = {
#define X(name, result, parameters, arguments, early) .name = first_##name,
    NEXT_FUNCTIONS(X)
#undef X
        .free = first_free};

void *next_find(const char *name)
{
  int error = errno;
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL)
    (void)dlerror(); /* clears it: the program must not see our error */
  errno = error;
  return function;
}

/*
** If another thread makes a request in the meantime, it looks up the functions
** too. In the same thread, dlsym may itself make a request during the lookup.
*/
static void find_all(void)
{
  static _Thread_local bool is_finding
      __attribute__((tls_model("initial-exec")));
  void *found;
  if (is_finding)
    return;
  is_finding = true;
  /* C has no conversion from void * to a pointer to a function. */
#define X(name, result, parameters, arguments, early) \
  if ((found = next_find(#name)) != NULL)             \
    memcpy(&next.name, &found, sizeof found);
  NEXT_FUNCTIONS(X)
#undef X
  if ((found = next_find("free")) != NULL)
    memcpy(&next.free, &found, sizeof found);
  is_finding = false;
}

bool next_is_allocator(void *function)
{
  Dl_info own, allocator;
  void *address;
  find_all();
  memcpy(&address, &next.malloc, sizeof address);
  return dladdr(function, &own) != 0 && dladdr(address, &allocator) != 0 &&
         own.dli_fbase == allocator.dli_fbase;
}
