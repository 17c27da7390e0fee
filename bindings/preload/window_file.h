/*
** The file of the log behind the window: its size, its disk space, and the
** chunks that are mapped.
*/
#ifndef WINDOW_FILE_H
#define WINDOW_FILE_H

#include "window.h"

/*
** The number of bytes that are mapped in front of a chunk, from the file before
** it. It is a multiple of the size of a page.
*/
#define WINDOW_FRONT_BYTES ((size_t)64 << 10)

/*
** Maps the first chunk of the file at the path, which is open, and obtains its
** first two steps.
*/
enum log_cut window_file_begin(int fd, const char *path);

/* Obtains a step, and maps its chunk if it is the first step in it. */
enum log_cut window_file_step(uint64_t step);

#endif
