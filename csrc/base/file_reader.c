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

static bool fail(struct file_reader *reader, const char *what, int error)
{
  (void)snprintf(reader->why, sizeof reader->why, "%s: %s", what,
                 strerror(error));
  return false;
}

static bool has_suffix(const char *path, const char *suffix)
{
  size_t path_bytes = strlen(path), suffix_bytes = strlen(suffix);
  return path_bytes > suffix_bytes &&
         strcmp(path + path_bytes - suffix_bytes, suffix) == 0;
}

/* The program that decompresses a file of this name, or NULL. */
static const char *tool_for(const char *path)
{
  if (has_suffix(path, ".xz"))
    return "xz";
  if (has_suffix(path, ".gz"))
    return "gzip";
  return has_suffix(path, ".zst") ? "zstd" : NULL;
}

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

static bool fail_to_start(struct file_reader *reader, int error)
{
  if (error != ENOENT)
    return fail(reader, "cannot start the tool that unpacks it", error);
  (void)snprintf(reader->why, sizeof reader->why,
                 "needs the program '%s' to be read, which is not installed",
                 reader->tool);
  return false;
}

/* Puts the tool between the file in 'fd' and the reader. */
static bool open_through_tool(struct file_reader *reader)
{
  int ends[2];
  if (!make_pipe(ends))
    return fail(reader, "cannot make a pipe", errno);
  int error = spawn(reader->tool, reader->fd, ends[1], &reader->child);
  close(ends[1]);
  close(reader->fd);
  reader->fd = ends[0];
  if (error == 0)
    return true;
  reader->child = 0;
  return fail_to_start(reader, error);
}

bool file_reader_open(struct file_reader *reader, const char *path)
{
  *reader = (struct file_reader){.fd = STDIN_FILENO};
  if (strcmp(path, "-") == 0)
    return true;
  reader->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (reader->fd < 0)
    return fail(reader, "cannot be opened", errno);
  reader->owns_fd = true;
  reader->tool = tool_for(path);
  if (reader->tool == NULL || open_through_tool(reader))
    return true;
  file_reader_close(reader);
  return false;
}

void file_reader_open_text(struct file_reader *reader, const char *text,
                           size_t bytes)
{
  *reader = (struct file_reader){.fd = -1, .text = text, .text_bytes = bytes};
}

static ptrdiff_t read_text(struct file_reader *reader, char *buffer,
                           size_t bytes)
{
  size_t taken = bytes < reader->text_bytes ? bytes : reader->text_bytes;
  if (taken > 0)
    memcpy(buffer, reader->text, taken);
  reader->text += taken;
  reader->text_bytes -= taken;
  return (ptrdiff_t)taken;
}

/* Waits for the tool. Was all well, as far as the system tells? */
static bool tool_ended_well(struct file_reader *reader)
{
  int status = 0;
  pid_t ended;
  do
    ended = waitpid(reader->child, &status, 0);
  /* GCOVR_EXCL_BR_START: waitpid fails only when it is interrupted */
  while (ended < 0 && errno == EINTR);
  /* GCOVR_EXCL_BR_STOP */
  reader->child = 0;
  /* GCOVR_EXCL_BR_START: waitpid fails only when it is interrupted */
  return ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
  /* GCOVR_EXCL_BR_STOP */
}

/* At the end of what a tool wrote: was it all? */
static ptrdiff_t end_of_tool(struct file_reader *reader)
{
  if (reader->child == 0 || tool_ended_well(reader))
    return 0;
  (void)snprintf(reader->why, sizeof reader->why,
                 "cannot be unpacked by '%s -dc': damaged, or not of its kind",
                 reader->tool);
  return -1;
}

ptrdiff_t file_reader_read(struct file_reader *reader, char *buffer,
                           size_t bytes)
{
  ssize_t got;
  if (reader->fd < 0)
    return read_text(reader, buffer, bytes);
  do
    got = read(reader->fd, buffer, bytes);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    fail(reader, "cannot be read", errno);
  return got == 0 ? end_of_tool(reader) : got;
}

void file_reader_close(struct file_reader *reader)
{
  if (reader->owns_fd)
    close(reader->fd);
  if (reader->child != 0) { /* not all was read? */
    (void)kill(reader->child, SIGKILL);
    tool_ended_well(reader);
  }
  reader->fd = -1;
  reader->owns_fd = false;
  reader->text_bytes = 0;
}
