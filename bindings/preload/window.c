#define _GNU_SOURCE

#include "window_file.h"

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

/* How long a thread waits for the slots of the oldest chunk to be written. */
#define WAIT_NANOSECONDS 100000
#define WAITS 10000

static struct window closed; /* of a process that has no log: limit is 0 */

struct window_log window_log = {.window = &closed};

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

/* Makes the next step if the slot is in the newest one or behind it. */
static void advance(uint64_t slot)
{
  struct window *window = window_log.window;
  uint64_t step = window->end;
  if (window->limit == 0 || slot < window->limit)
    return;
  if (step % WINDOW_CHUNK_SLOTS == 0 && !is_place_free(step))
    return;
  enum log_cut cut = window_file_step(step);
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
  uintptr_t first =
      (uintptr_t)places + WINDOW_FRONT_BYTES + WINDOW_CHUNK_BYTES - 1;
  window_log.places = (char *)(first / WINDOW_CHUNK_BYTES * WINDOW_CHUNK_BYTES);
  window_log.window = window;
  return true;
}

/* Maps the first chunk, and makes its first two steps. */
static enum log_cut begin(int fd, const char *path)
{
  if (ftruncate(fd, sizeof(struct log_head)) != 0) /* of a replaced program */
    return LOG_CUT_FILE;
  if (!map_window())
    return LOG_CUT_MAPPING;
  return window_file_begin(fd, path);
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
static void open_log(int fd, const char *path, const char *what)
{
  struct log_head *head = window_log.head;
  uint64_t pid = head->pid;
  *head = (struct log_head){.magic = LOG_MAGIC, .pid = pid};
  strncpy(head->what, what, LOG_WHAT_BYTES - 1);
  read_command(head->command);
  head->cut = begin(fd, path);
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
  if (window_log.head != NULL)
    open_log(fd, path, what);
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
    (void)munmap(window_log.places - WINDOW_FRONT_BYTES,
                 WINDOW_PLACES * WINDOW_PLACE_BYTES);
  window_log = (struct window_log){.window = &closed};
}

/* }================================================================== */
