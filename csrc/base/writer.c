#include "base/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"

bool pym_write_file(void *file, const char *text, size_t bytes)
{
  return fwrite(text, 1, bytes, file) == bytes;
}

void writer_open(struct writer *writer, pym_write write, void *context)
{
  writer->write = write;
  writer->context = context;
  writer->filled = 0;
  writer->is_broken = false;
}

void writer_flush(struct writer *writer)
{
  if (writer->filled > 0 && !writer->is_broken)
    writer->is_broken =
        !writer->write(writer->context, writer->text, writer->filled);
  writer->filled = 0;
}

bool writer_close(struct writer *writer)
{
  writer_flush(writer);
  return !writer->is_broken;
}

void writer_bytes(struct writer *writer, const char *text, size_t bytes)
{
  while (bytes > WRITER_BYTES - writer->filled) {
    size_t fits = WRITER_BYTES - writer->filled;
    memcpy(writer->text + writer->filled, text, fits);
    writer->filled += fits;
    text += fits;
    bytes -= fits;
    writer_flush(writer);
  }
  memcpy(writer->text + writer->filled, text, bytes);
  writer->filled += bytes;
  assert(writer->filled <= WRITER_BYTES);
}

void writer_string(struct writer *writer, const char *string)
{
  writer_bytes(writer, string, strlen(string));
}

void writer_number(struct writer *writer, uint64_t number)
{
  char *at = writer_reserve(writer, NUMBER_BYTES_MAX);
  writer_commit(writer, put_number(at, number));
}

void writer_format(struct writer *writer, const char *format, ...)
{
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  assert(length >= 0 && (size_t)length < sizeof line);
  writer_bytes(writer, line, (size_t)length);
}
