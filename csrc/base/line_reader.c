#include "base/line_reader.h"

#include <string.h>

void line_reader_start(struct line_reader *reader)
{
  reader->next = reader->end = reader->filled = reader->buffer;
  reader->file_ended = false;
}

/* Finds the last end of a line in the bytes from 'fresh' on. */
static void find_end(struct line_reader *reader, const char *fresh)
{
  const char *last = reader->filled;
  while (last > fresh && last[-1] != '\n')
    last--;
  reader->end = last > fresh ? last : reader->next;
}

/* Ends the last line, if it has no '\n'. */
static void end_last_line(struct line_reader *reader)
{
  reader->file_ended = true;
  if (reader->filled > reader->next)
    *reader->filled++ = '\n';
  reader->end = reader->filled;
}

/* Moves the incomplete line to the front of the buffer, and reads behind it. */
static bool read_more(struct line_reader *reader)
{
  size_t begun_bytes = (size_t)(reader->filled - reader->next);
  assert(begun_bytes < LINE_BYTES_MAX);
  memmove(reader->buffer, reader->next, begun_bytes);
  reader->next = reader->buffer;
  reader->filled = reader->buffer + begun_bytes;
  ptrdiff_t got = file_reader_read(&reader->file, reader->filled,
                                   LINE_BYTES_MAX - begun_bytes);
  if (got < 0)
    return false;
  reader->filled += got;
  if (got == 0)
    end_last_line(reader);
  else
    find_end(reader, reader->filled - got);
  return true;
}

/* Drops an incomplete line except its first byte. */
static void shorten(struct line_reader *reader)
{
  char first = *reader->next;
  assert(reader->filled > reader->next);
  reader->next = reader->filled - 1;
  reader->filled[-1] = first;
}

enum line_reader_status line_reader_fill(struct line_reader *reader)
{
  assert(reader->next == reader->end);
  while (reader->next == reader->end) {
    if (reader->file_ended)
      return LINE_END;
    if (reader->filled - reader->next == LINE_BYTES_MAX) {
      if (*reader->next != '#')
        return LINE_TOO_LONG;
      shorten(reader);
      reader->end = reader->next;
    }
    if (!read_more(reader))
      return LINE_FAILED;
  }
  return LINE_READY;
}

ptrdiff_t line_reader_take(struct line_reader *reader, void *to, size_t bytes)
{
  size_t buffered = (size_t)(reader->filled - reader->next);
  size_t done = bytes < buffered ? bytes : buffered;
  if (done > 0) {
    memcpy(to, reader->next, done);
    reader->next += done;
    reader->end = reader->next;
  }
  while (done < bytes) {
    ptrdiff_t got =
        file_reader_read(&reader->file, (char *)to + done, bytes - done);
    if (got <= 0)
      return got < 0 ? got : (ptrdiff_t)done;
    done += (size_t)got;
  }
  return (ptrdiff_t)done;
}
