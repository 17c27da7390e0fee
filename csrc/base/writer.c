#include "base/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool pym_write_file(void *file, const char *text, size_t bytes)
{
  return fwrite(text, 1, bytes, file) == bytes;
}

void out_open(struct out *out, pym_write write, void *context)
{
  out->write = write;
  out->context = context;
  out->filled = 0;
  out->is_broken = false;
}

static void flush(struct out *out)
{
  if (out->filled > 0 && !out->is_broken)
    out->is_broken = !out->write(out->context, out->text, out->filled);
  out->filled = 0;
}

bool out_close(struct out *out)
{
  flush(out);
  return !out->is_broken;
}

void out_bytes(struct out *out, const char *text, size_t bytes)
{
  while (bytes > OUT_BYTES - out->filled) {
    size_t fits = OUT_BYTES - out->filled;
    memcpy(out->text + out->filled, text, fits);
    out->filled += fits;
    text += fits;
    bytes -= fits;
    flush(out);
  }
  memcpy(out->text + out->filled, text, bytes);
  out->filled += bytes;
}

void out_string(struct out *out, const char *string)
{
  out_bytes(out, string, strlen(string));
}

void out_number(struct out *out, uint64_t number)
{
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  out_bytes(out, digits + first, sizeof digits - first);
}

void out_format(struct out *out, const char *format, ...)
{
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  assert(length >= 0 && (size_t)length < sizeof line);
  out_bytes(out, line, (size_t)length);
}
