/*
** What workloads work on, set up before any clock starts.
*/
#ifndef DATA_H
#define DATA_H

#include "workloads.h"

/* Memory that no allocator of this process has to do with; ends it if none. */
void *data_map(size_t bytes);

/* Room for 'held_count' blocks, or more, and a random order. */
void data_set_up(size_t held_count);

/* Reads the requests of FOLDER/cpython-NAME.trace.xz, for each recorded program. */
void data_load_traces(const char *folder);

#endif
