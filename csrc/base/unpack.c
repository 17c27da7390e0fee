#define _POSIX_C_SOURCE 200809L

#include "base/unpack.h"

#include "base/platform.h"

#if PLATFORM_PROCESSES

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Sets the tool's descriptors: the file, the pipe, and /dev/null for errors. */
static int plan_files(posix_spawn_file_actions_t *actions, int from, int to)
{
  int error = posix_spawn_file_actions_adddup2(actions, from, STDIN_FILENO);
  if (error == 0)
    error = posix_spawn_file_actions_adddup2(actions, to, STDOUT_FILENO);
  if (error == 0)
    error = posix_spawn_file_actions_addopen(actions, STDERR_FILENO,
                                             "/dev/null", O_WRONLY, 0);
  return error;
}

/* Makes SIGPIPE end the tool when its reader is closed, as by default. */
static int plan_signals(posix_spawnattr_t *attributes)
{
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  int error = posix_spawnattr_setsigdefault(attributes, &defaults);
  if (error == 0)
    error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
  return error;
}

/* Starts 'tool -dc' between two descriptors. Returns 0 or an errno. */
static int spawn(const char *tool, int from, int to, pid_t *child)
{
  char decompress[] = "-dc", name[8];
  char *arguments[] = {name, decompress, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  (void)snprintf(name, sizeof name, "%s", tool);
  if (posix_spawn_file_actions_init(&actions) != 0)
    return ENOMEM;
  int error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    error = plan_files(&actions, from, to);
    if (error == 0)
      error = plan_signals(&attributes);
    if (error == 0)
      error =
          posix_spawnp(child, tool, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static bool set_cloexec(int fd)
{
  return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Makes a pipe whose ends other children do not inherit. */
static bool make_pipe(int ends[2])
{
  if (pipe(ends) != 0)
    return false;
  if (set_cloexec(ends[0]) && set_cloexec(ends[1]))
    return true;
  close(ends[0]);
  close(ends[1]);
  return false;
}

static int fail(char *why, size_t why_bytes, const char *what, int error)
{
  (void)snprintf(why, why_bytes, "%s: %s", what, strerror(error));
  return -1;
}

int unpack_start(const char *tool, int from, pid_t *child, char *why,
                 size_t why_bytes)
{
  int ends[2];
  if (!make_pipe(ends))
    return fail(why, why_bytes, "cannot make a pipe", errno);
  int error = spawn(tool, from, ends[1], child);
  close(ends[1]);
  if (error == 0)
    return ends[0];
  close(ends[0]);
  if (error != ENOENT)
    return fail(why, why_bytes, "cannot start the tool that unpacks it", error);
  (void)snprintf(why, why_bytes,
                 "needs the program '%s' to be read, which is not installed",
                 tool);
  return -1;
}

bool unpack_wait(pid_t child)
{
  int status = 0;
  pid_t ended;
  do
    ended = waitpid(child, &status, 0);
  /* GCOVR_EXCL_BR_START: waitpid fails only when it is interrupted */
  while (ended < 0 && errno == EINTR);
  return ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
  /* GCOVR_EXCL_BR_STOP */
}

void unpack_stop(pid_t child)
{
  (void)kill(child, SIGKILL);
  (void)unpack_wait(child);
}

#endif
