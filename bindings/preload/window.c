#define _GNU_SOURCE

#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/*
** The number of bytes that are mapped in front of a chunk, from the file before
** it. It is a multiple of the size of a page.
*/
#define FRONT_BYTES ((size_t)64 << 10)
#define MAPPED_BYTES (FRONT_BYTES + WINDOW_CHUNK_BYTES)

/* The size of an empty log. It has holes: it needs no disk space. */
#define FIRST_BYTES ((uint64_t)64 << 20)

/* How long a thread waits for the slots of the oldest chunk to be written. */
#define WAIT_NANOSECONDS 100000
#define WAITS 10000

static struct window closed; /* of a process that has no log: limit is 0 */
static char log_path[PATH_MAX];

struct window_log window_log = {.window = &closed};

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

/* A chunk is named by its first slot. The first of its addresses: */
static char *front_of(uint64_t chunk)
{
  return (char *)window_slot(chunk) - FRONT_BYTES;
}

/*
** The addresses and the offsets in the file differ by a multiple of 2 MiB. Only
** then does Linux 6 give them large pages, without which it obtains the space
** ten times as slowly.
*/
static bool map_file(int fd, uint64_t chunk)
{
  off_t start = (off_t)(offset_of(chunk) - FRONT_BYTES);
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

/*
** {==================================================================
** Sliding
** ===================================================================
*/

static void stop(enum log_cut cut)
{
  window_log.head->cut = cut;
  __atomic_store_n(&window_log.window->limit, 0, __ATOMIC_RELEASE);
}

/* The step that begins with that slot is the newest one. */
static void add_step(uint64_t step)
{
  struct window *window = window_log.window;
  __atomic_store_n(&window->end, step + WINDOW_STEP_SLOTS, __ATOMIC_RELEASE);
  __atomic_store_n(&window->limit, step, __ATOMIC_RELEASE);
}

/* Are all slots of the chunk written whose place the given chunk gets? */
static bool is_place_free(uint64_t chunk)
{
  struct window *window = window_log.window;
  const struct log_record *first = window_slot(chunk);
  uint64_t at = window->checked % WINDOW_CHUNK_SLOTS;
  if (chunk < WINDOW_PLACES * WINDOW_CHUNK_SLOTS) /* no chunk was there */
    return true;
  while (at < WINDOW_CHUNK_SLOTS &&
         __atomic_load_n(&first[at].kind, __ATOMIC_ACQUIRE) != LOG_NOTHING)
    at++;
  window->checked = at;
  return at == WINDOW_CHUNK_SLOTS;
}

/* Makes the next step. */
static enum log_cut try_step(uint64_t step)
{
  enum log_cut cut = make_room(step + WINDOW_STEP_SLOTS);
  if (cut == LOG_WHOLE && step % WINDOW_CHUNK_SLOTS == 0 && !map_next(step))
    cut = LOG_CUT_MAPPING;
  if (cut == LOG_WHOLE && !obtain(step))
    cut = LOG_CUT_DISK;
  return cut;
}

/* Makes the next step if the slot is in the newest one or behind it. */
static void advance(uint64_t slot)
{
  struct window *window = window_log.window;
  uint64_t step = window->end;
  if (window->limit == 0 || slot < window->limit)
    return;
  if (step % WINDOW_CHUNK_SLOTS == 0 && !is_place_free(step))
    return;
  enum log_cut cut = try_step(step);
  if (cut == LOG_WHOLE)
    add_step(step);
  else
    stop(cut);
}

/* Ends when there is space for the slot, or the log is cut. */
static void slide(uint64_t slot)
{
  struct window *window = window_log.window;
  const struct timespec pause = {.tv_nsec = WAIT_NANOSECONDS};
  for (unsigned waits = 0; waits < WAITS; waits++) {
    if (!__atomic_test_and_set(&window->is_busy, __ATOMIC_ACQUIRE)) {
      advance(slot);
      __atomic_clear(&window->is_busy, __ATOMIC_RELEASE);
    }
    if (__atomic_load_n(&window->limit, __ATOMIC_ACQUIRE) == 0 ||
        slot < window->end)
      return;
    (void)nanosleep(&pause, NULL);
  }
  stop(LOG_CUT_STALLED);
}

/*
** Signals are blocked meanwhile: a request made by a signal handler would wait
** for the thread that the handler has interrupted, and so for ever.
*/
bool window_slide(uint64_t slot)
{
  struct window *window = window_log.window;
  int error = errno;
  sigset_t all, before;
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_SETMASK, &all, &before);
  slide(slot);
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return __atomic_load_n(&window->limit, __ATOMIC_ACQUIRE) != 0 &&
         slot < window->end;
}

/* }================================================================== */

/*
** {==================================================================
** Opening
** ===================================================================
*/

static void *map_pages(size_t bytes, int protection)
{
  void *pages = mmap(NULL, bytes, protection,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

/* Makes this process the recorded one, if no other process is. */
static bool claim(struct log_head *head)
{
  uint64_t nobody = 0, own = (uint64_t)getpid();
  return head->magic == LOG_MAGIC &&
         (__atomic_compare_exchange_n(&head->pid, &nobody, own, false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ||
          nobody == own);
}

/* Maps the head of the log, if this process owns the log or can own it. */
static struct log_head *map_head(int fd)
{
  struct stat about;
  if (fstat(fd, &about) != 0 || about.st_size < (off_t)sizeof(struct log_head))
    return NULL;
  void *head = mmap(NULL, sizeof(struct log_head), PROT_READ | PROT_WRITE,
                    MAP_SHARED, fd, 0);
  if (head == MAP_FAILED)
    return NULL;
  if (claim(head))
    return head;
  (void)munmap(head, sizeof(struct log_head));
  return NULL;
}

/* The addresses of all places, and the page that is wiped in a child. */
static bool map_window(void)
{
  size_t bytes = WINDOW_PLACES * WINDOW_PLACE_BYTES;
  char *places = map_pages(bytes + WINDOW_CHUNK_BYTES, PROT_NONE);
  struct window *window =
      map_pages(sizeof(struct window), PROT_READ | PROT_WRITE);
  if (places == NULL || window == NULL ||
      madvise(window, sizeof(struct window), MADV_WIPEONFORK) != 0)
    return false;
  uintptr_t first = (uintptr_t)places + FRONT_BYTES + WINDOW_CHUNK_BYTES - 1;
  window_log.places = (char *)(first / WINDOW_CHUNK_BYTES * WINDOW_CHUNK_BYTES);
  window_log.window = window;
  return true;
}

/* Maps the first chunk, and makes its first two steps. */
static enum log_cut begin(int fd)
{
  if (ftruncate(fd, sizeof(struct log_head)) != 0) /* of a replaced program */
    return LOG_CUT_FILE;
  if (!map_window())
    return LOG_CUT_MAPPING;
  enum log_cut cut = enlarge(fd, offset_of(2 * WINDOW_STEP_SLOTS));
  if (cut == LOG_WHOLE && !map_file(fd, 0))
    cut = LOG_CUT_MAPPING;
  if (cut == LOG_WHOLE && (!obtain(0) || !obtain(WINDOW_STEP_SLOTS)))
    cut = LOG_CUT_DISK;
  return cut;
}

/* The words of the command, as far as there is room. */
static void read_command(char command[LOG_PATH_BYTES])
{
  int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? 0 : read(fd, command, LOG_PATH_BYTES - 1);
  if (fd >= 0)
    (void)close(fd);
  for (ssize_t i = 0; i + 1 < got; i++)
    if (command[i] == '\0')
      command[i] = ' ';
}

/* Opens the log whose head is mapped. */
static void open_log(int fd, const char *what)
{
  struct log_head *head = window_log.head;
  uint64_t pid = head->pid;
  *head = (struct log_head){.magic = LOG_MAGIC, .pid = pid};
  strncpy(head->what, what, LOG_WHAT_BYTES - 1);
  read_command(head->command);
  head->cut = begin(fd);
  if (head->cut == LOG_WHOLE)
    add_step(WINDOW_STEP_SLOTS);
}

/* Makes an empty log, if there is none of that name. */
static void make_log(const char *path)
{
  const struct log_head head = {.magic = LOG_MAGIC};
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  (void)!write(fd, &head, sizeof head);
  (void)close(fd);
}

static bool open_path(const char *path, const char *what)
{
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return false;
  window_log.head = map_head(fd);
  if (window_log.head != NULL) {
    memcpy(log_path, path, strlen(path) + 1);
    open_log(fd, what);
  }
  (void)close(fd);
  return window_log.window->limit != 0;
}

bool window_open(const char *path, const char *what, bool is_each)
{
  char own[PATH_MAX];
  if (path == NULL || strlen(path) >= sizeof own - 16)
    return false;
  if (open_path(path, what))
    return true;
  if (!is_each || window_log.head != NULL) /* it is this process's, and cut */
    return false;
  (void)snprintf(own, sizeof own, "%s.%ld", path, (long)getpid());
  make_log(own);
  return open_path(own, what);
}

void window_forget(void)
{
  if (window_log.head == NULL)
    return;
  (void)munmap(window_log.head, sizeof(struct log_head));
  if (window_log.window != &closed)
    (void)munmap(window_log.window, sizeof(struct window));
  if (window_log.places != NULL)
    (void)munmap(window_log.places - FRONT_BYTES,
                 WINDOW_PLACES * WINDOW_PLACE_BYTES);
  window_log = (struct window_log){.window = &closed};
}

/* }================================================================== */
