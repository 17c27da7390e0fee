/*
** The default pages on a platform that cannot reserve addresses without memory:
** a reservation is one block of the C library's. WebAssembly gives a block's
** pages real memory when they are first written, and never takes them back; so
** a page that the heap gives back is set to zeros, and its next use is the same
** memory. A heap calls these functions as often as those of memory/pages.c, so
** that its calls to the system can be counted here too.
*/
#include "base/base.h"
#include "base/platform.h"

#if !PLATFORM_MAPPING

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES ((size_t)4096) /* arenas share pages as on Linux */

/* Bytes that malloc must have left after a reservation. */
#define OTHERS_BYTES ((size_t)64 << 20)

static bool leaves_enough(void)
{
  void *probe = malloc(OTHERS_BYTES);
  free(probe);
  return probe != NULL;
}

static void *pages_reserve(void *context, size_t bytes, size_t alignment)
{
  (void)context;
  assert(is_power_of_two(alignment));
  void *address = aligned_alloc(alignment, bytes);
  if (address == NULL || leaves_enough())
    return address;
  free(address);
  return NULL;
}

static void clear(void *context, void *address, size_t bytes)
{
  (void)context;
  memset(address, 0, bytes);
}

/* Sets the pages to zeros: a block of malloc's can have old content. */
static bool pages_commit(void *context, void *address, size_t bytes)
{
  clear(context, address, bytes);
  return true;
}

/* There are no large pages. */
static void pages_large(void *context, void *address, size_t bytes, bool begins)
{
  (void)context;
  (void)address;
  (void)bytes;
  (void)begins;
}

static void pages_release(void *context, void *address, size_t bytes)
{
  (void)context;
  (void)bytes;
  free(address);
}

pym_pages pym_pages_default(void)
{
  return (pym_pages){.page_bytes = PAGE_BYTES,
                     .reserve = pages_reserve,
                     .commit = pages_commit,
                     .decommit = clear,
                     .release = pages_release,
                     .large = pages_large};
}

#endif
