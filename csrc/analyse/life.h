/*
** The life of a block: from the request that makes its id live to its free. A
** realloc in between changes its size, and the life goes on.
**
**   a 1 24     LIFE_BEGINS     born 1
**   r 1 40     LIFE_CHANGES    resizes 1
**   f 1        LIFE_ENDS       a lifetime of 2 requests
**   f 1        LIFE_NOTHING    the id is not live
**
** The memory is assumed to have no limit: a request is refused only for its
** size, as CPython refuses it. A refused request changes nothing.
**
** Tested by spec/unit/analyse_spec.lua.
*/
#ifndef LIFE_H
#define LIFE_H

#include "trace/loaded_trace.h"

enum life_step {
  LIFE_NOTHING, /* a free of an id that is not live */
  LIFE_REFUSED,
  LIFE_BEGINS,
  LIFE_CHANGES,
  LIFE_ENDS
};

/* A block; there is one for each handle of a trace. */
struct life {
  uint64_t bytes;   /* as requested last */
  uint64_t clock;   /* bytes allocated up to its birth, its own included */
  uint32_t born;    /* the number of its first request; 0: it is not live */
  uint32_t placed;  /* the request that brought it into its class */
  uint32_t resizes; /* reallocs so far */
  uint32_t class;   /* its class, or the number of classes for raw */
};

/*
** The block of a request: one of the 'lives' of a trace, or NULL for a free of
** an id that was never live.
*/
static inline struct life *life_of(struct life *lives,
                                   const struct request *request)
{
  return request->handle == LOADED_TRACE_NO_HANDLE ? NULL
                                                   : &lives[request->handle];
}

/* The effect of a request on its block, which is not yet changed. */
static inline enum life_step life_step_of(const struct life *life,
                                          const struct request *request)
{
  if (request->letter == TRACE_FREE)
    return life == NULL || life->born == 0 ? LIFE_NOTHING : LIFE_ENDS;
  assert(life != NULL); /* only a free has no handle */
  if (request->bytes > REQUEST_MAX_64)
    return LIFE_REFUSED;
  return life->born == 0 ? LIFE_BEGINS : LIFE_CHANGES;
}

#endif
