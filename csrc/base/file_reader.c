#define _POSIX_C_SOURCE 200809L

#include "base/file_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/unpack.h"

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

/* Puts the tool between the file in 'fd' and the reader. */
static bool open_through_tool(struct file_reader *reader)
{
  int output = unpack_start(reader->tool, reader->fd, &reader->child,
                            reader->why, sizeof reader->why);
  close(reader->fd);
  reader->fd = output;
  reader->owns_fd = output >= 0;
  return reader->owns_fd;
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

/*
** The result of a read at the end of the file: 0, or -1 if the tool that wrote
** the bytes has failed.
*/
static ptrdiff_t end_of_tool(struct file_reader *reader)
{
  if (reader->child == 0)
    return 0;
  bool is_whole = unpack_wait(reader->child);
  reader->child = 0;
  if (is_whole)
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
  if (reader->child != 0) /* not all was read? */
    unpack_stop(reader->child);
  reader->fd = -1;
  reader->owns_fd = false;
  reader->text_bytes = 0;
}
