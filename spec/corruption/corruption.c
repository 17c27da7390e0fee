/*
** A library to be preloaded that damages the heap of a program: when a second
** arena of 256 KiB is made usable, the ref.count of the first pool of the
** arena before it is changed. A spec tests with it the output of a check that
** fails.
*/
#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_BYTES ((size_t)256 << 10)

int mprotect(void *address, size_t bytes, int protection)
{
  static void *first;
  static int (*real)(void *, size_t, int);
  const uint32_t count = 9999;
  if (real == NULL) {
    void *found = dlsym(RTLD_NEXT, "mprotect");
    memcpy(&real, &found, sizeof real);
  }
  if (bytes == ARENA_BYTES && first != NULL)
    memcpy(first, &count, sizeof count);
  else if (bytes == ARENA_BYTES)
    first = address;
  return real(address, bytes, protection);
}
