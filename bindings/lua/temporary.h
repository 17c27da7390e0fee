/*
** Temporary files, and how the process ends by a signal.
**
** In the command 'pymalloc', each temporary file is in a list, with a note about
** the file that it would have become. A signal that ends the process removes
** the files of the list and writes the notes. The functions that change the
** list hold signals off, so that a file is either listed under its temporary
** name or complete under its final one. Other programs catch no signals, may
** have several threads, and keep no list.
*/
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include "base/base.h"
#include "base/platform.h"

/* The signals that were held off before; without processes there are none. */
#if PLATFORM_PROCESSES
#include <signal.h>
typedef sigset_t temporary_signals;
#else
typedef char temporary_signals;
#endif

/* Begins to keep the list. */
void temporary_begin(void);

/* Is the list kept? */
bool temporary_is_kept(void);

/*
** Adds a file and its note. A path of NULL adds the note alone; NULL for the
** note: the file has none. false: not enough memory.
*/
bool temporary_add(const char *path, const char *note);

/* Takes a file from the list; it is not removed from the disk. */
void temporary_forget(const char *path);

/*
** Writes "pymalloc: WORD; NOTE" to standard error for each note, and removes
** the files. A signal handler may call it.
*/
void temporary_end(const char *word);

/* Holds off the signals that end the process; 'before' is for release. */
void temporary_hold(temporary_signals *before);
void temporary_release(const temporary_signals *before);

#endif
