/*
** Text on its way to a pym_write: gathered in pieces, so that a writer is not
** called for every number. Once the writer fails nothing more is sent.
*/
#ifndef WRITER_H
#define WRITER_H

#include "base/base.h"

#define WRITER_BYTES 4096u

struct writer {
  pym_write write;
  void *context;
  size_t filled;
  bool is_broken;
  char text[WRITER_BYTES];
};

void writer_open(struct writer *writer, pym_write write, void *context);

/* Sends what is gathered. */
void writer_flush(struct writer *writer);

/* Sends what is left; false where the writer failed at any time. */
bool writer_close(struct writer *writer);

void writer_bytes(struct writer *writer, const char *text, size_t bytes);
void writer_string(struct writer *writer, const char *string);
void writer_number(struct writer *writer, uint64_t number);

/*
** Room for 'bytes', at most WRITER_BYTES, in one piece: a place to put text at,
** of which writer_commit keeps what lies before 'end'.
*/
static inline char *writer_reserve(struct writer *writer, size_t bytes)
{
  assert(bytes <= WRITER_BYTES);
  if (unlikely(bytes > WRITER_BYTES - writer->filled))
    writer_flush(writer);
  return writer->text + writer->filled;
}

static inline void writer_commit(struct writer *writer, const char *end)
{
  assert(end >= writer->text && end <= writer->text + WRITER_BYTES);
  writer->filled = (size_t)(end - writer->text);
}

/* As printf; a single call makes at most 255 characters. */
void writer_format(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
