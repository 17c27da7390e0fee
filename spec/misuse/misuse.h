/*
** The misuses of an allocator, each on a heap that has a few blocks already.
** They are for the command script/misuse.
*/
#ifndef MISUSE_H
#define MISUSE_H

#include "pymalloc.h"

#define VICTIM_BYTES 36u /* leaves slack in a class of 40, and one of 48 */
#define LARGE_BYTES 10000u

/*
** The heap on which a misuse is committed, with three neighbours in one pool.
*/
struct scene {
  pym_heap *heap;
  unsigned char *before, *victim, *behind; /* of VICTIM_BYTES */
  unsigned char *large;                    /* of LARGE_BYTES, from raw */
  size_t class_bytes; /* of the victim's class without guard bytes */
  size_t link_offset; /* of the free link, from the caller's address */
};

/* Was the misuse refused by the request itself? */
typedef bool (*misuse)(struct scene *scene);

struct misuse_case {
  const char *name;
  misuse run;
};

extern const struct misuse_case misuse_cases[];
extern const size_t misuse_case_count;

/*
** Does the misuse write into memory of the C library? A C library that checks
** its own blocks, such as musl, then ends the process.
*/
bool misuse_damages_raw(misuse run);

#endif
