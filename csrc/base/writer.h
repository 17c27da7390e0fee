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

/* Sends what is left; false where the writer failed at any time. */
bool writer_close(struct writer *writer);

void writer_bytes(struct writer *writer, const char *text, size_t bytes);
void writer_string(struct writer *writer, const char *string);
void writer_number(struct writer *writer, uint64_t number);

/* As printf; a single call makes at most 255 characters. */
void writer_format(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
