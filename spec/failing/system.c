#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "failing.h"

static size_t calls, countdown;
static bool is_lasting;
static struct system_account outstanding;

void system_fail(size_t n, bool lasts)
{
  calls = 0;
  countdown = n;
  is_lasting = lasts;
}

size_t system_calls(void)
{
  return calls;
}

/* Must this call fail? */
static bool is_due(void)
{
  calls++;
  if (countdown == 0 || --countdown > 0)
    return false;
  countdown = is_lasting ? 1 : 0;
  return true;
}

/* The same for a call whose only failure is an interruption. */
static bool is_interrupted(void)
{
  calls++;
  if (countdown == 0 || --countdown > 0)
    return false;
  errno = EINTR;
  return true;
}

/*
** {==================================================================
** The clock and the count of page faults
** ===================================================================
*/

struct reading {
  size_t count; /* readings since system_set_readings */
  unsigned value;
};

static const unsigned *advances;
static struct reading clock_read, faults_read;

void system_set_readings(const unsigned *readings)
{
  advances = readings;
  clock_read = faults_read = (struct reading){0, 0};
}

static unsigned next_value(struct reading *reading)
{
  return reading->value += advances[reading->count++ % SYSTEM_READINGS];
}

int __real_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_clock_gettime(clockid_t id, struct timespec *now);
int __real_getrusage(int who, struct rusage *usage);
int __wrap_getrusage(int who, struct rusage *usage);

int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
  if (advances == NULL)
    return __real_clock_gettime(id, now);
  *now = (struct timespec){.tv_sec = next_value(&clock_read)};
  return 0;
}

int __wrap_getrusage(int who, struct rusage *usage)
{
  if (advances == NULL)
    return __real_getrusage(who, usage);
  *usage = (struct rusage){.ru_minflt = next_value(&faults_read)};
  return 0;
}

/* }================================================================== */

static size_t count_descriptors(void)
{
  size_t count = 0;
  DIR *all = opendir("/proc/self/fd");
  MUST(all != NULL);
  while (readdir(all) != NULL)
    count++;
  (void)closedir(all);
  return count;
}

struct system_account system_account(void)
{
  outstanding.descriptors = count_descriptors();
  return outstanding;
}

/*
** {==================================================================
** Memory
** ===================================================================
*/

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void __real_free(void *block);
void *__real_mmap(void *address, size_t bytes, int protection, int flags,
                  int fd, off_t offset);
int __real_munmap(void *address, size_t bytes);
int __real_mprotect(void *address, size_t bytes, int protection);

void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void __wrap_free(void *block);
void *__wrap_mmap(void *address, size_t bytes, int protection, int flags,
                  int fd, off_t offset);
int __wrap_munmap(void *address, size_t bytes);
int __wrap_mprotect(void *address, size_t bytes, int protection);

static void *book(void *block)
{
  outstanding.blocks += block != NULL;
  return block;
}

void *__wrap_malloc(size_t bytes)
{
  return is_due() ? NULL : book(__real_malloc(bytes));
}

void *__wrap_calloc(size_t count, size_t bytes)
{
  return is_due() ? NULL : book(__real_calloc(count, bytes));
}

void *__wrap_realloc(void *block, size_t bytes)
{
  if (is_due())
    return NULL;
  void *resized = __real_realloc(block, bytes);
  return block == NULL ? book(resized) : resized;
}

void __wrap_free(void *block)
{
  outstanding.blocks -= block != NULL;
  __real_free(block);
}

void *__wrap_mmap(void *address, size_t bytes, int protection, int flags,
                  int fd, off_t offset)
{
  if (is_due())
    return MAP_FAILED;
  void *mapped = __real_mmap(address, bytes, protection, flags, fd, offset);
  outstanding.mapped_bytes += mapped != MAP_FAILED ? bytes : 0;
  return mapped;
}

int __wrap_munmap(void *address, size_t bytes)
{
  outstanding.mapped_bytes -= bytes;
  return __real_munmap(address, bytes);
}

int __wrap_mprotect(void *address, size_t bytes, int protection)
{
  return is_due() ? -1 : __real_mprotect(address, bytes, protection);
}

/* }================================================================== */

/*
** {==================================================================
** Files and processes. X(result, name, parameters, arguments, failure)
** ===================================================================
*/

#define SYSTEM_CALLS(X)                                                        \
  X(int, pipe, (int ends[2]), (ends), (errno = EMFILE, -1))                    \
  X(int, posix_spawn_file_actions_init,                                        \
    (posix_spawn_file_actions_t * actions), (actions), ENOMEM)                 \
  X(int, posix_spawn_file_actions_adddup2,                                     \
    (posix_spawn_file_actions_t * actions, int from, int to),                  \
    (actions, from, to), ENOMEM)                                               \
  X(int, posix_spawnattr_init, (posix_spawnattr_t * attributes), (attributes), \
    ENOMEM)                                                                    \
  X(int, posix_spawnattr_setsigdefault,                                        \
    (posix_spawnattr_t * attributes, const sigset_t *signals),                 \
    (attributes, signals), EINVAL)                                             \
  X(int, posix_spawnattr_setflags,                                             \
    (posix_spawnattr_t * attributes, short flags), (attributes, flags),        \
    EINVAL)                                                                    \
  X(int, getrlimit, (int resource, struct rlimit *limit), (resource, limit),   \
    (errno = EINVAL, -1))                                                      \
  X(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)

#define WRAP(result, name, parameters, arguments, failure)   \
  result __real_##name parameters;                           \
  result __wrap_##name parameters;                           \
  result __wrap_##name parameters                            \
  {                                                          \
    return is_due() ? (failure) : (__real_##name arguments); \
  }
SYSTEM_CALLS(WRAP)

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

/* The library calls fcntl only with F_SETFD and a number. */
int __wrap_fcntl(int fd, int command, ...)
{
  va_list list;
  va_start(list, command);
  int argument = va_arg(list, int);
  va_end(list);
  if (!is_due())
    return __real_fcntl(fd, command, argument);
  errno = EBADF;
  return -1;
}

int __real_posix_spawnp(pid_t *child, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes,
                        char *const arguments[], char *const environment[]);
int __wrap_posix_spawnp(pid_t *child, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes,
                        char *const arguments[], char *const environment[]);

int __wrap_posix_spawnp(pid_t *child, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes,
                        char *const arguments[], char *const environment[])
{
  return is_due() ? EAGAIN
                  : __real_posix_spawnp(child, file, actions, attributes,
                                        arguments, environment);
}

pid_t __real_waitpid(pid_t child, int *status, int options);
pid_t __wrap_waitpid(pid_t child, int *status, int options);
ssize_t __real_read(int fd, void *buffer, size_t bytes);
ssize_t __wrap_read(int fd, void *buffer, size_t bytes);

pid_t __wrap_waitpid(pid_t child, int *status, int options)
{
  return is_interrupted() ? -1 : __real_waitpid(child, status, options);
}

ssize_t __wrap_read(int fd, void *buffer, size_t bytes)
{
  return is_interrupted() ? -1 : __real_read(fd, buffer, bytes);
}

/* }================================================================== */
