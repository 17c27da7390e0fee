#define _GNU_SOURCE

#include "window_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define MAPPED_BYTES (WINDOW_FRONT_BYTES + WINDOW_CHUNK_BYTES)

/* The size of an empty log. It has holes: it needs no disk space. */
#define FIRST_BYTES ((uint64_t)64 << 20)

static char log_path[PATH_MAX];

/*
** {==================================================================
** The file
** ===================================================================
*/

static uint64_t offset_of(uint64_t slot)
{
  return LOG_HEAD_BYTES + slot * sizeof(struct log_record);
}

/*
** Enlarges the file to at least 'least' bytes, or to twice its size if the
** limit on files allows it. To exceed that limit would end the program (SIGXFSZ).
*/
static enum log_cut enlarge(int fd, uint64_t least)
{
  struct window *window = window_log.window;
  struct rlimit limit = {.rlim_cur = 0};
  uint64_t bytes = 2 * window->log_bytes;
  (void)getrlimit(RLIMIT_FSIZE, &limit);
  if (bytes < FIRST_BYTES)
    bytes = FIRST_BYTES;
  if (bytes > limit.rlim_cur)
    bytes = least;
  if (bytes > limit.rlim_cur || ftruncate(fd, (off_t)bytes) != 0)
    return LOG_CUT_FILE;
  window->log_bytes = bytes;
  return LOG_WHOLE;
}

/*
** Has the file room for the slots below 'end'? It is enlarged when it is half
** full: if that fails, there is time to try again.
*/
static enum log_cut make_room(uint64_t end)
{
  struct window *window = window_log.window;
  uint64_t least = offset_of(end);
  enum log_cut cut = LOG_CUT_PATH;
  if (least <= window->log_bytes / 2)
    return LOG_WHOLE;
  int fd = open(log_path, O_RDWR | O_CLOEXEC);
  if (fd >= 0) {
    cut = enlarge(fd, least);
    (void)close(fd);
  }
  return least <= window->log_bytes ? LOG_WHOLE : cut;
}

/* }================================================================== */

/*
** {==================================================================
** Mapping
** ===================================================================
*/

/*
** The first address that is mapped for a chunk. A chunk is named by its first
** slot.
*/
static char *front_of(uint64_t chunk)
{
  return (char *)window_slot(chunk) - WINDOW_FRONT_BYTES;
}

/*
** The addresses and the offsets in the file differ by a multiple of 2 MiB. Only
** then does Linux 6 give them large pages, without which it obtains the space
** ten times as slowly.
*/
static bool map_file(int fd, uint64_t chunk)
{
  off_t start = (off_t)(offset_of(chunk) - WINDOW_FRONT_BYTES);
  void *wanted = front_of(chunk);
  return mmap(wanted, MAPPED_BYTES, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_FIXED, fd, start) == wanted;
}

/*
** Maps the chunk behind one that is mapped. With an old size of 0, mremap maps
** the same file a second time, from the given address on: that works in a
** program that can no longer open the log. Valgrind does not know that use.
*/
static bool map_next(uint64_t chunk)
{
  char *source = front_of(chunk - WINDOW_CHUNK_SLOTS) + WINDOW_CHUNK_BYTES;
  char *wanted = front_of(chunk);
  if (mremap(source, 0, MAPPED_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, wanted) ==
      wanted)
    return true;
  int fd = open(log_path, O_RDWR | O_CLOEXEC);
  bool is_mapped = fd >= 0 && map_file(fd, chunk);
  if (fd >= 0)
    (void)close(fd);
  return is_mapped;
}

/*
** Obtains the disk space of a step. Without that, a write to a full disk would
** end the program with SIGBUS. Before Linux 5.14 there is no way to do so
** (EINVAL), and the space is used as it is.
*/
static bool obtain(uint64_t step)
{
  return madvise(window_slot(step), WINDOW_STEP_BYTES, MADV_POPULATE_WRITE) ==
             0 ||
         errno == EINVAL;
}

/* }================================================================== */

enum log_cut window_file_begin(int fd, const char *path)
{
  memcpy(log_path, path, strlen(path) + 1);
  enum log_cut cut = enlarge(fd, offset_of(2 * WINDOW_STEP_SLOTS));
  if (cut == LOG_WHOLE && !map_file(fd, 0))
    cut = LOG_CUT_MAPPING;
  if (cut == LOG_WHOLE && (!obtain(0) || !obtain(WINDOW_STEP_SLOTS)))
    cut = LOG_CUT_DISK;
  return cut;
}

enum log_cut window_file_step(uint64_t step)
{
  enum log_cut cut = make_room(step + WINDOW_STEP_SLOTS);
  if (cut == LOG_WHOLE && step % WINDOW_CHUNK_SLOTS == 0 && !map_next(step))
    cut = LOG_CUT_MAPPING;
  if (cut == LOG_WHOLE && !obtain(step))
    cut = LOG_CUT_DISK;
  return cut;
}
