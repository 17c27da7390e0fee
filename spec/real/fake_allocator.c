#define _GNU_SOURCE

/*
** An allocator whose footprint is known, for spec/unit/real*_spec.lua, which
** build it as a library. A block has pages of its own, with a header of 16
** bytes in the first one. Freed blocks keep their pages until malloc_trim.
**
** A request for ODD_BYTES runs the statement that the macro ODD_EFFECT names.
** With LAZY, free lets the kernel take the pages at any time. With PARTIAL,
** the library has no realloc.
*/
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEADER 16u
#define PAGE 4096u
#define ODD_BYTES 777u
#define FREED_MAX 4096

struct header {
  size_t bytes, pages;
};

static struct header *freed[FREED_MAX];
static size_t freed_count;

/* Writes over the first pages of the memory that the process shares. */
static inline void damage(void)
{
  void *plan = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
  memset(plan, 0xff, PAGE);
  _exit(0);
}

/* Writes the number of the process to a file, and never returns. */
static inline void hang(void)
{
  const char *path = getenv("FAKE_PID_FILE");
  char number[16];
  for (int i = 0; path != NULL; path = NULL, i++) {
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    int bytes = snprintf(number, sizeof number, "%d\n", (int)getpid());
    if (write(file, number, (size_t)bytes) != bytes)
      _exit(1);
  }
  for (;;)
    pause();
}

static inline void complain(void)
{
  static const char words[] = "fake: the heap is damaged\nsecond line\n";
  if (write(2, words, sizeof words - 1) < 0)
    _exit(1);
  abort();
}

#ifndef ODD_EFFECT
#define ODD_EFFECT
#endif

void *malloc(size_t bytes)
{
  if (bytes == ODD_BYTES) {
    ODD_EFFECT;
  }
  if (bytes > PTRDIFF_MAX)
    return NULL;
  size_t pages = (bytes + HEADER + PAGE - 1) / PAGE;
  struct header *header = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (header == MAP_FAILED)
    return NULL;
  *header = (struct header){bytes, pages};
  return (char *)header + HEADER;
}

void free(void *block)
{
  if (block == NULL)
    return;
  struct header *header = (struct header *)((char *)block - HEADER);
#ifdef LAZY
  /*
  ** The kernel collects such pages in a list, and counts the last ones only
  ** after the next call: so there are two.
  */
  (void)madvise(header, header->pages * PAGE, MADV_FREE);
  (void)madvise(header, header->pages * PAGE, MADV_FREE);
#endif
  if (freed_count < FREED_MAX)
    freed[freed_count++] = header;
}

void *calloc(size_t count, size_t bytes)
{
  return malloc(count * bytes);
}

#ifndef PARTIAL
void *realloc(void *old, size_t bytes)
{
  char *block = malloc(bytes);
  if (block != NULL && old != NULL) {
    size_t old_bytes = ((struct header *)((char *)old - HEADER))->bytes;
    memcpy(block, old, old_bytes < bytes ? old_bytes : bytes);
    free(old);
  }
  return block;
}
#endif

int malloc_trim(size_t pad)
{
  (void)pad;
  while (freed_count > 0) {
    struct header *header = freed[--freed_count];
    (void)munmap(header, header->pages * PAGE);
  }
  return 1;
}
