#define _GNU_SOURCE

#include "modules.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "writer.h"

#define MODULES_MAX 1024 /* files whose addresses are remembered */
#define LINE_BYTES (LOG_PATH_BYTES + 128)

struct range {
  uintptr_t start, end;
};

static struct range seen[MODULES_MAX];
static size_t seen_count;
static struct range own;

/* A line of /proc/self/maps: "START-END rwxp OFFSET DEVICE INODE PATH". */
struct line {
  struct range range;
  uint64_t offset;
  const char *path;
};

static bool parse(char *text, struct line *line)
{
  char *at = text;
  line->range.start = strtoul(at, &at, 16);
  if (*at != '-')
    return false;
  line->range.end = strtoul(at + 1, &at, 16);
  if (at[0] != ' ' || at[3] != 'x') /* no code? */
    return false;
  line->offset = strtoul(at + 6, &at, 16);
  line->path = strchr(at, '/');
  return line->path != NULL;
}

static bool has(const struct range *range, uintptr_t address)
{
  return address >= range->start && address < range->end;
}

static bool is_seen(uintptr_t address)
{
  for (size_t i = 0; i < seen_count; i++)
    if (has(&seen[i], address))
      return true;
  return false;
}

/* Calls a function for each line of /proc/self/maps. */
static void each_line(void (*visit)(const struct line *line, uintptr_t address),
                      uintptr_t address)
{
  char buffer[LINE_BYTES];
  size_t held = 0;
  ssize_t got;
  struct line line;
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && (got = read(fd, buffer + held, sizeof buffer - held)) > 0) {
    char *at = buffer, *end = buffer + held + got, *newline;
    while ((newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
      *newline = '\0';
      if (parse(at, &line))
        visit(&line, address);
      at = newline + 1;
    }
    held = (size_t)(end - at);
    if (held == sizeof buffer) /* a line that is too long */
      held = 0;
    memmove(buffer, at, held);
  }
  if (fd >= 0)
    (void)close(fd);
}

static void write_new(const struct line *line, uintptr_t address)
{
  (void)address;
  if (is_seen(line->range.start) || seen_count == MODULES_MAX)
    return;
  seen[seen_count++] = line->range;
  writer_module(line->range.start, line->range.end, line->offset, line->path);
}

static void find_own(const struct line *line, uintptr_t address)
{
  if (has(&line->range, address))
    own = line->range;
}

/* An address without a file (code made at run time) is searched only once. */
void modules_see(uintptr_t address)
{
  if (is_seen(address))
    return;
  each_line(write_new, address);
  if (!is_seen(address) && seen_count < MODULES_MAX)
    seen[seen_count++] = (struct range){address, address + 1};
}

void modules_open(void)
{
  each_line(find_own, (uintptr_t)&modules_open);
}

bool modules_is_recorder(uintptr_t address)
{
  return has(&own, address);
}

void modules_restart(void)
{
  seen_count = 0;
}
