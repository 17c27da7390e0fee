#define _GNU_SOURCE

#include "real_process.h"

#include "base/platform.h"

#if PLATFORM_PROCESSES

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LEAST_FILE 10 /* own descriptors are above those of the process */

/*
** {==================================================================
** The plan
** ===================================================================
*/

/* A file in memory, closed in programs that are started. -1: errno is set. */
static int memory_file(const char *name)
{
#ifdef __linux__
  int file = memfd_create(name, MFD_CLOEXEC);
  if (file < 0 || file >= LEAST_FILE)
    return file;
  int above = fcntl(file, F_DUPFD_CLOEXEC, LEAST_FILE);
  (void)close(file);
  return above;
#else
  (void)name;
  errno = ENOSYS;
  return -1;
#endif
}

/*
** Live bytes after a request. A request of more than REQUEST_MAX_64 bytes is
** refused.
*/
static uint64_t live_after(const struct request *request, uint64_t *sizes,
                           uint64_t live)
{
  if (request->handle == LOADED_TRACE_NO_HANDLE)
    return live;
  uint64_t old = sizes[request->handle];
  if (request->letter == TRACE_FREE)
    sizes[request->handle] = 0;
  else if (request->bytes <= REQUEST_MAX_64)
    sizes[request->handle] = request->bytes;
  return live - old + sizes[request->handle];
}

/* Number of the first request with the most live bytes; 0: no memory. */
static uint64_t most_live(const struct loaded_trace *loaded)
{
  uint64_t live = 0, most = 0, number = 1;
  uint64_t *sizes = calloc(loaded->handle_count + 1, sizeof *sizes);
  if (sizes == NULL)
    return 0;
  for (size_t i = 0; i < loaded->count; i++) {
    live = live_after(&loaded->items[i], sizes, live);
    if (live > most) {
      most = live;
      number = i + 1;
    }
  }
  free(sizes);
  return number;
}

/* Sets the moments of the samples: evenly spread ones, and 'extra'. */
static void set_samples(struct real_plan *plan, uint64_t extra)
{
  struct real_sample *samples = real_samples(plan);
  uint64_t wanted = plan->sample_count - 1, count = 0;
  for (uint64_t i = 1; i <= wanted; i++) {
    uint64_t after = (i * plan->request_count + wanted - 1) / wanted;
    if (extra != 0 && extra <= after) {
      if (extra < after)
        samples[count++].after = extra;
      extra = 0;
    }
    samples[count++].after = after;
  }
  plan->sample_count = count; /* no more than there is room for */
}

static uint32_t letter_of(enum trace_letter letter)
{
  if (letter == TRACE_FREE)
    return REAL_FREE;
  if (letter == TRACE_CALLOC)
    return REAL_CALLOC;
  return letter == TRACE_REALLOC ? REAL_REALLOC : REAL_MALLOC;
}

static void set_requests(struct real_plan *plan,
                         const struct loaded_trace *loaded)
{
  struct real_request *requests = real_requests(plan);
  for (size_t i = 0; i < loaded->count; i++) {
    const struct request *item = &loaded->items[i];
    requests[i] = (struct real_request){item->bytes, item->handle,
                                        letter_of(item->letter)};
  }
}

/* Makes the shared memory. false: errno says why. */
static bool map_plan(struct real_process *process, const struct real_plan *head)
{
  process->bytes = size_of_number(
      sizeof *head + head->request_count * sizeof(struct real_request) +
      head->sample_count * sizeof(struct real_sample) +
      head->handle_count * sizeof(struct real_handle));
  process->plan_file = memory_file("pymalloc-real");
  if (process->plan_file < 0)
    return false;
  int error = posix_fallocate(process->plan_file, 0, (off_t)process->bytes);
  if (error != 0) {
    errno = error;
    return false;
  }
  void *memory = mmap(NULL, process->bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                      process->plan_file, 0);
  if (memory == MAP_FAILED)
    return false;
  process->plan = memory;
  *process->plan = *head;
  return true;
}

bool real_process_plan(struct real_process *process,
                       const struct loaded_trace *loaded,
                       const struct real_choice *choice)
{
  size_t samples =
      choice->samples < loaded->count ? choice->samples : loaded->count;
  struct real_plan head = {.magic = REAL_MAGIC,
                           .request_count = loaded->count,
                           .sample_count = samples + 1,
                           .handle_count = loaded->handle_count,
                           .parent = (int32_t)getpid(),
                           .kind = choice->kind,
                           .touch = choice->touch,
                           .huge_pages = choice->huge_pages};
  uint64_t extra = most_live(loaded);
  *process = (struct real_process){.plan_file = -1, .output_file = -1};
  if (extra == 0) {
    errno = ENOMEM;
    return false;
  }
  if (!map_plan(process, &head))
    return false;
  set_requests(process->plan, loaded);
  set_samples(process->plan, extra);
  process->samples = real_samples(process->plan);
  process->sample_count = (size_t)process->plan->sample_count;
  process->request_count = loaded->count;
  process->output_file = memory_file("pymalloc-output");
  return process->output_file >= 0;
}

void real_process_close(struct real_process *process)
{
  if (process->plan != NULL)
    (void)munmap(process->plan, process->bytes);
  if (process->plan_file >= 0)
    (void)close(process->plan_file);
  if (process->output_file >= 0)
    (void)close(process->output_file);
}

/* }================================================================== */

/*
** {==================================================================
** The process
** ===================================================================
*/

/* Its output and its errors go to one file, and the plan is file 3. */
static int set_files(posix_spawn_file_actions_t *actions,
                     const struct real_process *process)
{
  int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO,
                                               "/dev/null", O_RDONLY, 0);
  for (int file = STDOUT_FILENO; error == 0 && file <= STDERR_FILENO; file++)
    error =
        posix_spawn_file_actions_adddup2(actions, process->output_file, file);
  if (error == 0)
    error = posix_spawn_file_actions_adddup2(actions, process->plan_file,
                                             REAL_PLAN_FILE);
  return error;
}

static int spawn(const struct real_process *process, char *const *words,
                 pid_t *child)
{
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0)
    return error;
  error = set_files(&actions, process);
  if (error == 0)
    error = posix_spawnp(child, words[0], &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static uint64_t milliseconds(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits until the child ends or time is up; then it is killed. */
static int wait_for(struct real_process *process, pid_t child, size_t seconds)
{
  const struct timespec pause = {0, 2000000};
  uint64_t start = milliseconds();
  int status = 0;
  for (;;) {
    pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR))
      return status; /* ended < 0: the program ignores SIGCHLD */
    if (milliseconds() - start >= (uint64_t)seconds * 1000) {
      process->end = REAL_TOO_LONG;
      (void)kill(child, SIGKILL);
      (void)waitpid(child, &status, 0);
      return status;
    }
    (void)nanosleep(&pause, NULL);
  }
}

static void read_output(struct real_process *process)
{
  ssize_t bytes = pread(process->output_file, process->output,
                        sizeof process->output - 1, 0);
  process->output[bytes < 0 ? 0 : bytes] = '\0';
}

bool real_process_run(struct real_process *process, char *const *words,
                      size_t seconds)
{
  pid_t child;
  int error = spawn(process, words, &child);
  if (error != 0) {
    errno = error;
    return false;
  }
  process->end = REAL_EXITED;
  int status = wait_for(process, child, seconds);
  bool is_signal = WIFSIGNALED(status);
  process->code = is_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  if (is_signal && process->end != REAL_TOO_LONG)
    process->end = REAL_SIGNALLED;
  read_output(process);
  return true;
}

/* }================================================================== */

#endif
