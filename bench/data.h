/*
** The data that workloads use. It is made before any time is measured.
*/
#ifndef DATA_H
#define DATA_H

#include "workloads.h"

/*
** Maps memory directly from the system, so that it is in no heap of a measured
** allocator. Without memory the process ends.
*/
void *data_map(size_t bytes);

/* Makes room for at least 'held_count' held blocks, and the random order. */
void data_set_up(size_t held_count);

/* Reads cpython-NAME.trace.xz in a folder, for the name of each recording. */
void data_load_traces(const char *folder);

#endif
