/*
** Reads whole lines of a file. Every line between 'next' and 'end' is complete
** in the buffer, so that its bytes can be read without a test for the end.
**
**   | read before | line\n line\n line\n | start of a li |   free   |
**                 ^                      ^               ^
**                 next                   end             filled
**
** Tested by spec/unit/trace_spec.lua.
*/
#ifndef LINE_READER_H
#define LINE_READER_H

#include "base/file_reader.h"

#define LINE_BYTES_MAX 65536u /* the '\n' included */

struct line_reader {
  const char *next; /* the first line not read yet */
  const char *end;  /* behind the last whole line */
  char *filled;     /* behind the last byte */
  bool file_ended;
  struct file_reader file;
  char buffer[LINE_BYTES_MAX + 1]; /* and '\n' for a last line without it */
};

enum line_reader_status {
  LINE_READY,    /* a whole line is at 'next' */
  LINE_END,      /* there are no more lines */
  LINE_TOO_LONG, /* the line at 'next' has no end within LINE_BYTES_MAX */
  LINE_FAILED    /* file.why gives the reason */
};

/* Starts to read lines. 'reader->file' must be open. */
void line_reader_start(struct line_reader *reader);

/*
** Reads more lines, when 'next' has reached 'end'. A line that begins with '#'
** is never too long: the part of it that does not fit is dropped.
*/
enum line_reader_status line_reader_fill(struct line_reader *reader);

/*
** Reads the bytes after the lines that were read, for a file in which bytes of
** another kind follow its first lines. Returns their number, which is below
** 'bytes' only at the end of the file, or -1 for a failure, which file.why
** describes.
*/
ptrdiff_t line_reader_take(struct line_reader *reader, void *to, size_t bytes);

#endif
