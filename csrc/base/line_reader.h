/*
** Whole lines of a source. The buffer always holds the end of every line
** between 'next' and 'end', so that a line is read without asking at each
** byte whether there are more.
**
**   | read before | line\n line\n line\n | begin of a li |   free   |
**                 ^                      ^               ^
**                 next                   end             filled
**
** Tested by spec/unit/trace_spec.lua.
*/
#ifndef LINE_READER_H
#define LINE_READER_H

#include "base/file_reader.h"

#define LINE_BYTES_MAX 65536u /* with its end */

struct line_reader {
  const char *next; /* the first line not read yet */
  const char *end;  /* behind the last whole line */
  char *filled;     /* behind the last byte */
  bool file_ended;
  struct file_reader file;
  char buffer[LINE_BYTES_MAX + 1]; /* and an end for the last line */
};

enum line_reader_status {
  LINE_READY,    /* a whole line is at 'next' */
  LINE_END,      /* there are no more */
  LINE_TOO_LONG, /* the line at 'next' has no end within LINE_BYTES_MAX */
  LINE_FAILED    /* as file.why says */
};

/* Starts to read lines; 'reader->file' is open. */
void line_reader_start(struct line_reader *reader);

/*
** Reads on; to be called when 'next' has reached 'end'. A line that begins
** with '#' is never too long: what does not fit of it is left out.
*/
enum line_reader_status line_reader_fill(struct line_reader *reader);

#endif
