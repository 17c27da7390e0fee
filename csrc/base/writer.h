/*
** Collects text in a buffer and passes it on to a pym_write, so that this is
** not called for every number. After the pym_write has failed, the text is
** dropped.
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

/* Passes the collected text on. */
void writer_flush(struct writer *writer);

/* Passes the rest on. false: the pym_write has failed at some time. */
bool writer_close(struct writer *writer);

void writer_bytes(struct writer *writer, const char *text, size_t bytes);
void writer_string(struct writer *writer, const char *string);
void writer_number(struct writer *writer, uint64_t number);

/*
** Returns a place for 'bytes' of text, at most WRITER_BYTES. After the text is
** written there, writer_commit tells where it ends.
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

/* Formats as printf does, at most 255 characters in a call. */
void writer_format(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
