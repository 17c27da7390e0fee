/*
** The addresses and pages that heaps have by default: the operating system's.
** A reservation takes addresses and no memory. A process can run out of
** addresses, so a reservation that leaves too few for the rest of the process
** is refused. Decommitted pages stay accessible and read as zeros, so that a
** read through an old pointer into a released arena does not end the process.
*/
#define _DEFAULT_SOURCE

#include "base/base.h"
#include "base/platform.h"

#if PLATFORM_MAPPING

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MADV_HUGEPAGE /* without large pages, an advice without effect */
#define MADV_HUGEPAGE MADV_NORMAL
#endif

/*
** Addresses that a reservation must leave free: 1 GiB, or a sixteenth of all
** where an address has 32 bits; under a small RLIMIT_AS, a quarter of it.
*/
#define OTHERS_BYTES ((size_t)1 << (SIZE_MAX > UINT32_MAX ? 30 : 28))

static void *map(size_t bytes)
{
  void *address = mmap(NULL, bytes, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return address == MAP_FAILED ? NULL : address;
}

/* Are as many addresses still free as the rest of the process may need? */
static bool leaves_enough(void)
{
  size_t bytes = OTHERS_BYTES;
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur / 4 < bytes)
    bytes = (size_t)limit.rlim_cur / 4;
  void *probe = map(bytes);
  if (probe == NULL)
    return false;
  (void)munmap(probe, bytes);
  return true;
}

/*
** Maps 'alignment' bytes more than asked for, and unmaps the bytes before and
** after the aligned part.
*/
static void *pages_reserve(void *context, size_t bytes, size_t alignment)
{
  (void)context;
  assert(is_power_of_two(alignment));
  /* GCOVR_EXCL_BR_START: a reservation has at most 2^20 arenas of 1 GiB, far
     below the SIZE_MAX of 64 bits */
  if (bytes > SIZE_MAX - alignment)
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  char *mapped = map(bytes + alignment);
  if (mapped == NULL)
    return NULL;
  if (!leaves_enough()) {
    (void)munmap(mapped, bytes + alignment);
    return NULL;
  }
  char *aligned = (char *)align_up((uintptr_t)mapped, alignment);
  size_t before = (size_t)(aligned - mapped);
  assert(before < alignment);
  if (before > 0)
    (void)munmap(mapped, before);
  (void)munmap(aligned + bytes, alignment - before);
  return aligned;
}

static bool pages_commit(void *context, void *address, size_t bytes)
{
  (void)context;
  return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
}

static void pages_decommit(void *context, void *address, size_t bytes)
{
  (void)context;
  (void)madvise(address, bytes, MADV_DONTNEED);
}

static void pages_large(void *context, void *address, size_t bytes, bool begins)
{
  (void)context;
  if (!begins)
    (void)madvise(address, bytes, MADV_DONTNEED);
  /* GCOVR_EXCL_BR_START: only a system that is short of memory refuses it */
  else if (mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0)
    (void)madvise(address, bytes, MADV_HUGEPAGE);
  /* GCOVR_EXCL_BR_STOP */
}

static void pages_release(void *context, void *address, size_t bytes)
{
  (void)context;
  (void)munmap(address, bytes);
}

pym_pages pym_pages_default(void)
{
  return (pym_pages){.page_bytes = (size_t)sysconf(_SC_PAGESIZE),
                     .reserve = pages_reserve,
                     .commit = pages_commit,
                     .decommit = pages_decommit,
                     .release = pages_release,
                     .large = pages_large};
}

#endif
