/*
** The parts of output files that depend on the system's processes and users.
** A platform without them has none of these files: it gets system_file_wasi.c.
*/
#ifndef SYSTEM_FILE_H
#define SYSTEM_FILE_H

#include <sys/stat.h>

#include "base/base.h"

/*
** Does a folder lie in /proc, so that its links are open files of a process?
** '*is_own': they are those of this process.
*/
bool system_file_is_in_proc(const char *folder, bool *is_own);

/*
** A second descriptor of an open file, above the standard ones, which programs
** that are started do not inherit. -1: errno says why.
*/
int system_file_duplicate(int fd);

/*
** Gives a new file the owner and the permissions of the file that it is to
** replace. Only root may give a file away: for others, it stays theirs.
** false: errno says why.
*/
bool system_file_copy_permissions(int fd, const struct stat *about);

#endif
