#include "base/line_reader.h"

#include <string.h>

void lines_start(struct lines *lines)
{
  lines->next = lines->end = lines->filled = lines->buffer;
  lines->source_ended = false;
}

/* Finds the last end of a line in the bytes from 'fresh' on. */
static void find_end(struct lines *lines, const char *fresh)
{
  const char *last = lines->filled;
  while (last > fresh && last[-1] != '\n')
    last--;
  lines->end = last > fresh ? last : lines->next;
}

/* Gives the last line the end that it may lack. */
static void end_last_line(struct lines *lines)
{
  lines->source_ended = true;
  if (lines->filled > lines->next)
    *lines->filled++ = '\n';
  lines->end = lines->filled;
}

/* Moves the begun line to the front of the buffer and reads behind it. */
static bool read_more(struct lines *lines)
{
  size_t begun_bytes = (size_t)(lines->filled - lines->next);
  assert(begun_bytes < LINE_BYTES_MAX);
  memmove(lines->buffer, lines->next, begun_bytes);
  lines->next = lines->buffer;
  lines->filled = lines->buffer + begun_bytes;
  ptrdiff_t got =
      source_read(&lines->source, lines->filled, LINE_BYTES_MAX - begun_bytes);
  if (got < 0)
    return false;
  lines->filled += got;
  if (got == 0)
    end_last_line(lines);
  else
    find_end(lines, lines->filled - got);
  return true;
}

/* Forgets a begun line but for its first byte. */
static void shorten(struct lines *lines)
{
  char first = *lines->next;
  lines->next = lines->filled - 1;
  lines->filled[-1] = first;
}

enum lines_status lines_fill(struct lines *lines)
{
  assert(lines->next == lines->end);
  while (lines->next == lines->end) {
    if (lines->source_ended)
      return LINES_END;
    if (lines->filled - lines->next == LINE_BYTES_MAX) {
      if (*lines->next != '#')
        return LINES_TOO_LONG;
      shorten(lines);
      lines->end = lines->next;
    }
    if (!read_more(lines))
      return LINES_FAILED;
  }
  return LINES_READY;
}
