/*
** Who makes a request of CPython: the interpreter, and the site.
**
** Since 3.12 an isolated sub-interpreter has an allocator of its own. One that
** shares the allocator of the main interpreter counts as the main one, 0.
*/
#ifndef PYTHON_ORIGIN_H
#define PYTHON_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

struct origin {
  uint32_t site;        /* 0: not known */
  uint32_t interpreter; /* its id, or ORIGIN_NOT_COUNTED */
};

/* A trace has no larger number. The requests of others are left out. */
#define ORIGIN_INTERPRETER_MAX 65535u
#define ORIGIN_NOT_COUNTED UINT32_MAX

/* From here on, requests have sites of 'depth' frames; 0: they have none. */
void origin_open(unsigned depth);

struct origin origin_now(void);

/* The block is freed now: what is known about a code object is forgotten. */
void origin_forget(const void *block);

#endif
