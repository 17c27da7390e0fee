/*
** The shared memory through which a process replays a trace on its allocator.
** bindings/lua/real.c writes the plan, and the library real.so, which is loaded
** into the new process, writes the outcome.
**
**   +-----------+----------+---------+----------+
**   | real_plan | requests | samples | handles  |
**   +-----------+----------+---------+----------+
**
** All of it is a file in memory that is mapped as shared. So none of these
** pages is an anonymous page of the process, and only anonymous pages are
** counted.
*/
#ifndef REAL_PLAN_H
#define REAL_PLAN_H

#include <stdint.h>

#define REAL_MAGIC UINT64_C(0x3f1c6d5a70b2e849)
#define REAL_VARIABLE "PYMALLOC_REAL" /* the number of the file descriptor */
#define REAL_NO_HANDLE UINT32_MAX     /* a free of an id that is not live */
#define REAL_TEXT_BYTES 512

enum real_kind {
  REAL_LIBC,    /* malloc of the C library */
  REAL_LIBRARY, /* malloc of a library that is preloaded */
  REAL_CPYTHON  /* PyObject_Malloc of the interpreter */
};

enum real_touch {
  REAL_TOUCH_PAGES, /* one byte in each page that a block covers */
  REAL_TOUCH_ALL,   /* every byte */
  REAL_TOUCH_NONE
};

enum real_letter { REAL_MALLOC, REAL_CALLOC, REAL_REALLOC, REAL_FREE };

struct real_request {
  uint64_t bytes;
  uint32_t handle;
  uint32_t letter; /* enum real_letter */
};

struct real_sample {
  uint64_t after;    /* this many requests; from the plan, ascending */
  uint64_t resident; /* anonymous bytes of the process, without the baseline */
  uint64_t live;     /* bytes requested and live */
};

struct real_handle {
  char *block;
  uint64_t bytes;
};

struct real_plan {
  uint64_t magic;
  uint64_t request_count, sample_count, handle_count;
  int32_t parent;      /* the process that waits */
  uint32_t kind;       /* enum real_kind */
  uint32_t touch;      /* enum real_touch */
  uint32_t huge_pages; /* 0: transparent huge pages are switched off */
  /* The outcome. */
  uint32_t is_begun, is_done;
  uint64_t done;     /* requests begun */
  uint64_t baseline; /* anonymous bytes before the first request */
  uint64_t trimmed;  /* the same as 'resident' after the trim; 0: no trim */
  uint64_t refused;  /* requests for which the allocator returned NULL */
  uint64_t page_faults;
  double seconds;                /* of the processor, without the samples */
  char library[REAL_TEXT_BYTES]; /* the file that has the malloc */
  char source[REAL_TEXT_BYTES]; /* the file that resident bytes are read from */
  char trim[REAL_TEXT_BYTES];   /* the function that trims; "": none is known */
  char problem[REAL_TEXT_BYTES]; /* a sentence; "": there is none */
};

static inline struct real_request *real_requests(struct real_plan *plan)
{
  return (struct real_request *)(plan + 1);
}

static inline struct real_sample *real_samples(struct real_plan *plan)
{
  return (struct real_sample *)(real_requests(plan) + plan->request_count);
}

static inline struct real_handle *real_handles(struct real_plan *plan)
{
  return (struct real_handle *)(real_samples(plan) + plan->sample_count);
}

#endif
