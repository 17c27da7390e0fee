/*
** Resident bytes of this process: anonymous pages, also those that are swapped
** out, without those that the kernel may take at any time (MADV_FREE). They are
** the pages of heaps, stacks and the changed data of libraries. Pages of mapped
** files and shared memory are not counted.
*/
#ifndef REAL_RESIDENT_H
#define REAL_RESIDENT_H

#include <stdint.h>

/*
** The bytes; 0: they cannot be read. '*source' is the file that has them:
** /proc/self/smaps_rollup, or /proc/self/statm where there is none.
*/
uint64_t real_resident(const char **source);

#endif
