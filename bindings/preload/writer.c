#define _GNU_SOURCE

#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* The disk space that is obtained at a time, ahead of the records. */
#define CHUNK_BYTES ((uint64_t)1 << 20)
#define CHUNK_SLOTS (CHUNK_BYTES / sizeof(struct log_record))

static struct log_head *head;
static const volatile bool *is_recorded; /* false in a forked child */
static atomic_uint thread_count;
static _Thread_local unsigned thread __attribute__((tls_model("initial-exec")));

/*
** {==================================================================
** Opening
** ===================================================================
*/

/* Makes a page with 'true' in it, which the system wipes in a forked child. */
static bool open_flag(void)
{
  volatile bool *flag = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (flag == MAP_FAILED)
    return false;
  if (madvise((void *)(uintptr_t)flag, 4096, MADV_WIPEONFORK) != 0)
    return false;
  *flag = true;
  is_recorded = flag;
  return true;
}

/*
** Obtains the disk space of a chunk. Without that, a write to a full disk would
** end the program with SIGBUS. Before Linux 5.14 there is no way to do so
** (EINVAL), and the chunk is used as it is.
*/
static bool make_room(uint64_t chunk)
{
  uint64_t start = chunk * CHUNK_BYTES;
  if (start + CHUNK_BYTES > LOG_BYTES)
    return false;
  return madvise((char *)head + start, CHUNK_BYTES, MADV_POPULATE_WRITE) == 0 ||
         errno == EINVAL;
}

/* Makes this process the recorded one, if no other process is. */
static bool claim(const char *what)
{
  uint64_t nobody = 0, own = (uint64_t)getpid();
  if (head->magic != LOG_MAGIC)
    return false;
  if (!__atomic_compare_exchange_n(&head->pid, &nobody, own, false,
                                   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
      nobody != own)
    return false;
  head->count = head->is_cut = 0;
  strncpy(head->what, what, LOG_WHAT_BYTES - 1);
  return true;
}

bool writer_open(const char *what)
{
  const char *path = getenv("PYMALLOC_RECORD");
  int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return false;
  void *log = mmap(NULL, LOG_BYTES, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_NORESERVE, fd, 0);
  (void)close(fd);
  if (log == MAP_FAILED)
    return false;
  head = log;
  if (claim(what)) {
    head->is_cut = !make_room(0);
    return head->is_cut == 0 && open_flag();
  }
  (void)munmap(log, LOG_BYTES); /* it is another process's log */
  return false;
}

/* }================================================================== */

/*
** Whoever claims the first slot of a chunk obtains the space of the next one.
*/
static bool has_room(uint64_t slot)
{
  if (slot % CHUNK_SLOTS == 0) {
    int error = errno;
    head->is_cut = !make_room(slot / CHUNK_SLOTS + 1);
    errno = error;
  }
  return head->is_cut == 0;
}

void writer_put(enum log_kind kind, const void *block, size_t size,
                size_t count)
{
  if (!*is_recorded || head->is_cut != 0)
    return;
  if (thread == 0)
    thread = atomic_fetch_add(&thread_count, 1) + 1;
  uint64_t slot = __atomic_fetch_add(&head->count, 1, __ATOMIC_RELAXED);
  if (!has_room(slot))
    return;
  struct log_record *place = (struct log_record *)(head + 1) + slot;
  place->thread = thread;
  place->block = (uintptr_t)block;
  place->size = size;
  place->count = count;
  __atomic_store_n(&place->kind, (uint32_t)kind, __ATOMIC_RELEASE);
}
