/*
** Where the text of a trace comes from: a file, a compressed file through the
** system's own tool for it, standard input, or memory. Nothing is read ahead
** and no shell is started.
**
**   x.trace       the file
**   x.trace.xz    gzip, xz or zstd -dc, with the file as its standard input
**   -             standard input
**
** Runs in spec/unit/trace_spec.lua.
*/
#ifndef FILE_READER_H
#define FILE_READER_H

#include <sys/types.h>

#include "base/base.h"

#define SOURCE_WHY_BYTES 160u

struct source {
  int fd;           /* -1: memory, or closed */
  bool owns_fd;     /* false: standard input is not ours to close */
  pid_t child;      /* the tool that writes into fd; 0: none */
  const char *tool; /* its name */
  const char *text; /* what is left of a text in memory */
  size_t text_bytes;
  char why[SOURCE_WHY_BYTES]; /* after a failure: a sentence without a name */
};

/* Opens a path; "-" is standard input. false: 'why' says what is wrong. */
bool source_open(struct source *source, const char *path);

/* Reads from memory, which has to stay as it is until source_close. */
void source_open_text(struct source *source, const char *text, size_t bytes);

/*
** Reads up to 'bytes' into 'buffer': how many there were, 0 at the end, -1 on
** a failure that 'why' describes. A tool that fails is one, at the end.
*/
ptrdiff_t source_read(struct source *source, char *buffer, size_t bytes);

/* Ends a source, wherever it stands; a tool that still runs is stopped. */
void source_close(struct source *source);

#endif
