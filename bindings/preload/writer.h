/*
** Writes the log of the process that it is in. It does not call malloc, the
** log needs no closing, and any thread may write.
**
** The first process that opens a log is recorded; the programs that it starts
** are not. If it replaces its program (exec), the log starts again with the new
** one. A forked child is not recorded.
**
** With the environment variable PYMALLOC_RECORD_EACH, every process has a log:
** that of the first process has this name, and that of each other process has
** the number of the process behind the name. A forked child begins an empty
** log. If no log is open, the functions write nothing. All functions keep
** errno.
*/
#ifndef WRITER_H
#define WRITER_H

#include <stddef.h>

#include "log.h"

/*
** Opens the log that the environment variable PYMALLOC_RECORD names, an
** absolute path. 'what' goes into its head. Returns false if there is no log,
** or if it is another process's.
*/
_Bool writer_open(const char *what);

/* Is there an open log? A forked child has none. */
_Bool writer_is_open(void);

/*
** Writes the record of a request. 'site' is the innermost frame that made it,
** 0 if that is not known; 'interpreter' is 0 for the first one, and at most
** 65535. For a realloc it is the interpreter that has allocated the block; for
** a free the number is ignored, and that interpreter is taken.
*/
void writer_put(enum log_kind kind, const void *block, size_t size,
                size_t count, uint32_t site, uint32_t interpreter);

/*
** Defines a frame of a call stack, called by the frame 'parent' (0: by none).
** Returns its number, to be given to writer_put; 0: there is no open log. Each
** call defines another one: the caller keeps a table of those it has defined.
** No more than LOG_TEXT_BYTES of the text are kept.
*/
uint32_t writer_site(uint32_t parent, const char *text, size_t bytes);

/*
** Defines a frame as writer_site does, by the address to which it returns. The
** address becomes a text after the end of the program.
*/
uint32_t writer_frame(uint32_t parent, uintptr_t address);

/* Writes that code of a file is mapped from 'start' to before 'end'. */
void writer_module(uintptr_t start, uintptr_t end, uint64_t file_offset,
                   const char *path);

/* Writes a mark: a phase of the program begins. */
void writer_mark(const char *text, size_t bytes);

/*
** Writes that the program is about to be replaced (exec) by the file of that
** path; "" removes the path again, after an exec that has failed.
*/
void writer_replaced_by(const char *path);

#endif
