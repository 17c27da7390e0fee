/*
** Writes the log of the process it is in. It asks malloc for nothing, needs no
** end, and any thread may call it.
**
** The first process that opens a log is the one that is recorded: not the
** programs that it starts; a new program in it (exec) starts afresh. A forked
** child goes on unrecorded: the page that says so is wiped when a process
** forks.
*/
#ifndef WRITER_H
#define WRITER_H

#include <stddef.h>

#include "log.h"

/*
** Opens the log that PYMALLOC_RECORD names; 'what' is recorded, "" without
** need to say so. false: there is none, or it is another process's. errno may
** change.
*/
_Bool writer_open(const char *what);

/* Writes a record down, of an open log. errno stays. */
void writer_put(enum log_kind kind, const void *block, size_t size,
                size_t count);

#endif
