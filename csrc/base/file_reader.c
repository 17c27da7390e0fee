#define _POSIX_C_SOURCE 200809L

#include "base/file_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool fail(struct source *source, const char *what, int error)
{
  (void)snprintf(source->why, sizeof source->why, "%s: %s", what,
                 strerror(error));
  return false;
}

static bool has_suffix(const char *path, const char *suffix)
{
  size_t path_bytes = strlen(path), suffix_bytes = strlen(suffix);
  return path_bytes > suffix_bytes &&
         strcmp(path + path_bytes - suffix_bytes, suffix) == 0;
}

/* The program that unpacks a file of this name, or NULL. */
static const char *tool_for(const char *path)
{
  if (has_suffix(path, ".xz"))
    return "xz";
  if (has_suffix(path, ".gz"))
    return "gzip";
  return has_suffix(path, ".zst") ? "zstd" : NULL;
}

/* What the tool's descriptors become: the file, our pipe, and silence. */
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

/* A tool whose reader has gone dies of SIGPIPE, whatever we do with it. */
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

/* Starts 'tool -dc' between two descriptors; 0, or an errno. */
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

/* A pipe whose ends no child inherits by accident. */
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

static bool fail_to_start(struct source *source, int error)
{
  if (error != ENOENT)
    return fail(source, "cannot start the tool that unpacks it", error);
  (void)snprintf(source->why, sizeof source->why,
                 "needs the program '%s' to be read, which is not installed",
                 source->tool);
  return false;
}

/* Puts the tool between the file in 'fd' and us. */
static bool open_through_tool(struct source *source)
{
  int ends[2];
  if (!make_pipe(ends))
    return fail(source, "cannot make a pipe", errno);
  int error = spawn(source->tool, source->fd, ends[1], &source->child);
  close(ends[1]);
  close(source->fd);
  source->fd = ends[0];
  if (error == 0)
    return true;
  source->child = 0;
  return fail_to_start(source, error);
}

bool source_open(struct source *source, const char *path)
{
  *source = (struct source){.fd = STDIN_FILENO};
  if (strcmp(path, "-") == 0)
    return true;
  source->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (source->fd < 0)
    return fail(source, "cannot be opened", errno);
  source->owns_fd = true;
  source->tool = tool_for(path);
  if (source->tool == NULL || open_through_tool(source))
    return true;
  source_close(source);
  return false;
}

void source_open_text(struct source *source, const char *text, size_t bytes)
{
  *source = (struct source){.fd = -1, .text = text, .text_bytes = bytes};
}

static ptrdiff_t read_text(struct source *source, char *buffer, size_t bytes)
{
  size_t taken = bytes < source->text_bytes ? bytes : source->text_bytes;
  if (taken > 0)
    memcpy(buffer, source->text, taken);
  source->text += taken;
  source->text_bytes -= taken;
  return (ptrdiff_t)taken;
}

/* Waits for the tool. Was all well, as far as the system tells? */
static bool tool_ended_well(struct source *source)
{
  int status = 0;
  pid_t ended;
  do
    ended = waitpid(source->child, &status, 0);
  while (ended < 0 && errno == EINTR);
  source->child = 0;
  return ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* At the end of what a tool wrote: was it all? */
static ptrdiff_t end_of_tool(struct source *source)
{
  if (source->child == 0 || tool_ended_well(source))
    return 0;
  (void)snprintf(source->why, sizeof source->why,
                 "cannot be unpacked by '%s -dc': damaged, or not of its kind",
                 source->tool);
  return -1;
}

ptrdiff_t source_read(struct source *source, char *buffer, size_t bytes)
{
  ssize_t got;
  if (source->fd < 0)
    return read_text(source, buffer, bytes);
  do
    got = read(source->fd, buffer, bytes);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    fail(source, "cannot be read", errno);
  return got == 0 ? end_of_tool(source) : got;
}

void source_close(struct source *source)
{
  if (source->owns_fd)
    close(source->fd);
  if (source->child != 0) { /* not all was read? */
    (void)kill(source->child, SIGKILL);
    tool_ended_well(source);
  }
  source->fd = -1;
  source->owns_fd = false;
  source->text_bytes = 0;
}
