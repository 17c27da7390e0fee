/*
** Text on its way to a pym_write: gathered in pieces, so that a writer is not
** called for every number. Once the writer fails nothing more is sent.
*/
#ifndef WRITER_H
#define WRITER_H

#include "base/base.h"

#define OUT_BYTES 4096u

struct out {
  pym_write write;
  void *context;
  size_t filled;
  bool is_broken;
  char text[OUT_BYTES];
};

void out_open(struct out *out, pym_write write, void *context);

/* Sends what is left; false where the writer failed at any time. */
bool out_close(struct out *out);

void out_bytes(struct out *out, const char *text, size_t bytes);
void out_string(struct out *out, const char *string);
void out_number(struct out *out, uint64_t number);

/* As printf; a single call makes at most 255 characters. */
void out_format(struct out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
