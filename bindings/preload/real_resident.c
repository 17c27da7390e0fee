#define _POSIX_C_SOURCE 200809L

/* Nothing here may call malloc, which is the allocator that is measured. */
#include "real_resident.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIB 1024u

/* Reads a file as text. Returns its bytes; 0: it cannot be read. */
static size_t read_text(const char *path, char *text, size_t text_bytes)
{
  int file = open(path, O_RDONLY | O_CLOEXEC);
  size_t bytes = 0;
  ssize_t got;
  if (file < 0)
    return 0;
  while (bytes < text_bytes - 1 &&
         (got = read(file, text + bytes, text_bytes - 1 - bytes)) > 0)
    bytes += (size_t)got;
  (void)close(file);
  text[bytes] = '\0';
  return bytes;
}

/* The bytes in the line of that name, such as "\nSwap:"; 0: there is none. */
static uint64_t field(const char *text, const char *name)
{
  const char *line = strstr(text, name);
  return line == NULL ? 0 : strtoull(line + strlen(name), NULL, 10) * KIB;
}

/*
** Resident pages without those of files, which may be some pages out of date.
*/
static uint64_t from_statm(const char *text)
{
  char *end;
  (void)strtoull(text, &end, 10); /* the size */
  uint64_t resident = strtoull(end, &end, 10);
  uint64_t shared = strtoull(end, &end, 10);
  return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t real_resident(const char **source)
{
  char text[4096];
  *source = "/proc/self/smaps_rollup";
  if (read_text(*source, text, sizeof text) > 0)
    return field(text, "\nAnonymous:") + field(text, "\nSwap:") -
           field(text, "\nLazyFree:");
  *source = "/proc/self/statm";
  return read_text(*source, text, sizeof text) > 0 ? from_statm(text) : 0;
}
