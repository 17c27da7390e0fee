/*
** The lives of the blocks of a trace under a geometry: which requests pools
** serve, when each block begins, when it dies, and when it moves. That does not
** depend on where the blocks are placed.
**
**   malloc, calloc       a block begins
**   free                 a block dies
**   realloc           a block of a pool stays if it has room and more than
**                     three quarters of it remain in use; a block of raw always
**                     stays; otherwise one block dies and another one begins
**
** A request for more than REQUEST_MAX_64 bytes is refused and changes nothing.
** An arena can always be obtained: the operation x of a trace is ignored.
**
** Tested by spec/unit/oracle_spec.lua.
*/
#ifndef LIVES_H
#define LIVES_H

#include "geometry/geometry.h"
#include "trace/measures.h"
#include "trace/loaded_trace.h"

#define LIVES_RAW UINT16_MAX /* the class of a block that raw serves */

/* A live block. 'birth' is the number of its request, from 1; 0: none. */
struct life {
  uint64_t bytes; /* as requested last */
  uint32_t birth;
  uint16_t szidx; /* of its class, or LIVES_RAW */
};

/* The effect of a request on the block of its id. Equal births: it stays. */
struct life_change {
  struct life before, after; /* birth 0: there is no block */
};

struct lives {
  const pym_geometry *geometry;
  const struct loaded_trace *loaded;
  struct life *of_handle;
  size_t done; /* requests */
};

/* false: there is no memory. */
bool lives_open(struct lives *lives, const struct loaded_trace *loaded,
                const pym_geometry *geometry);
void lives_close(struct lives *lives);

/* Runs the next request. false: the trace has ended. */
bool lives_next(struct lives *lives, struct life_change *change);

static inline bool life_is_small(const struct life *life)
{
  return life->birth != 0 && life->szidx != LIVES_RAW;
}

/* Does a block of a pool die, or begin? */
static inline bool life_dies(const struct life_change *change)
{
  return life_is_small(&change->before) &&
         change->before.birth != change->after.birth;
}

static inline bool life_begins(const struct life_change *change)
{
  return life_is_small(&change->after) &&
         change->before.birth != change->after.birth;
}

/* Counts a request that was served, after lives_next. */
void lives_count_served(const struct lives *lives,
                        const struct life_change *change,
                        struct measures *measures);

/*
** An array: deaths[i] is the number of the request at which the block dies that
** began at request i, from 1. For all other i it is a number above that of the
** last request, and no two of these are equal. '*end' receives a number above
** all elements. The caller frees the array. NULL: there is no memory.
*/
uint32_t *lives_deaths(const struct loaded_trace *loaded,
                       const pym_geometry *geometry, uint32_t *end);

#endif
