/*
** Reads the bytes of a file, of a compressed file through the system's tool for
** it, of standard input, or of a text in memory. It reads no further than asked
** and starts no shell.
**
**   x.trace       the file
**   x.trace.xz    gzip, xz or zstd -dc, with the file as its standard input
**   -             standard input
**
** Tested by spec/unit/trace_spec.lua.
*/
#ifndef FILE_READER_H
#define FILE_READER_H

#include <sys/types.h>

#include "base/base.h"

#define FILE_READER_WHY_BYTES 160u

struct file_reader {
  int fd;           /* -1: memory, or closed */
  bool owns_fd;     /* false: standard input, which is not closed */
  pid_t child;      /* the tool that writes into fd; 0: none */
  const char *tool; /* its name */
  const char *text; /* the unread rest of a text in memory */
  size_t text_bytes;
  char why[FILE_READER_WHY_BYTES]; /* after a failure: one sentence */
};

/* Opens a path; "-" is standard input. false: 'why' says what is wrong. */
bool file_reader_open(struct file_reader *reader, const char *path);

/* Reads from memory, which has to stay as it is until file_reader_close. */
void file_reader_open_text(struct file_reader *reader, const char *text,
                           size_t bytes);

/*
** Reads up to 'bytes' into 'buffer'. Returns the number of bytes read, 0 at the
** end, or -1 for a failure, which 'why' describes. If the tool has failed, that
** is reported at the end of its output.
*/
ptrdiff_t file_reader_read(struct file_reader *reader, char *buffer,
                           size_t bytes);

/* Closes the reader, at its end or before. Stops a tool that still runs. */
void file_reader_close(struct file_reader *reader);

#endif
