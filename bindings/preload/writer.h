/*
** Writes the log of the process that it is in. It does not call malloc, the
** log needs no closing, and any thread may write.
**
** The first process that opens a log is recorded; the programs that it starts
** are not. If it replaces its program (exec), the log starts again with the new
** one. A forked child is not recorded: a page with a flag is wiped in the child
** by the system.
*/
#ifndef WRITER_H
#define WRITER_H

#include <stddef.h>

#include "log.h"

/*
** Opens the log that the environment variable PYMALLOC_RECORD names. 'what'
** goes into its head. Returns false if there is no log, or if it is another
** process's. It may change errno.
*/
_Bool writer_open(const char *what);

/* Writes a record to the open log. It keeps errno. */
void writer_put(enum log_kind kind, const void *block, size_t size,
                size_t count);

#endif
