/*
** The requests of a whole trace in memory, 16 bytes each, so that any of them
** can be run again. An id becomes a handle, a small number that is used again
** after a free. So the table of live blocks is an array, as long as the most
** ids that are live at one time. Where every id is its handle plus 1, as in what
** the recorders write, the ids are not kept.
**
** The operations d, s and k of a trace are left out: they change no state. So
** are the requests of all interpreters but one, which are counted.
**
** Tested by spec/unit/run_spec.lua.
*/
#ifndef LOADED_TRACE_H
#define LOADED_TRACE_H

#include "trace/site_tree.h"
#include "trace/trace.h"

#define LOADED_TRACE_NO_HANDLE UINT32_MAX /* a free of an id that is not live */
#define LOADED_TRACE_MAX ((size_t)UINT32_MAX - 1)

struct request {
  uint64_t bytes;  /* of calloc the product, or UINT64_MAX if it overflows */
  uint32_t handle; /* the handle of the id */
  enum trace_letter letter; /* of a request */
};

/* 'x N' or 'o N', which is of the arenas from request number 'after' + 1 on. */
struct allowance {
  uint64_t after;
  size_t number; /* N; of x SIZE_MAX: any number of arenas */
  enum trace_letter letter;
};

/* 'm TEXT' after request number 'after'. */
struct mark {
  uint64_t after;
  struct text_place text;
};

struct loaded_trace {
  struct request *items;
  size_t count, capacity;
  struct allowance *allowances;
  size_t allowance_count, allowance_capacity;
  size_t handle_count; /* handles are below this */
  uint64_t *ids;       /* of each request; NULL: each is its handle plus 1 */
  size_t id_capacity;
  uint32_t *sites; /* of each request, 0: none; NULL: no request has one */
  size_t site_capacity;
  struct mark *marks;
  size_t mark_count, mark_capacity;
  struct site_tree tree;
  struct texts texts;
  uint64_t left_out; /* requests of other interpreters */
  /* a malloc or calloc has an id that is live, or that is of a request that was
     too large */
  bool repeats_ids;
};

/* The id of request number 'number', from 1. */
static inline uint64_t loaded_trace_id(const struct loaded_trace *loaded,
                                       uint64_t number)
{
  assert(number >= 1 && number <= loaded->count);
  return loaded->ids == NULL ? (uint64_t)loaded->items[number - 1].handle + 1
                             : loaded->ids[number - 1];
}

/* The site of request number 'number', from 1; 0: none. */
static inline uint32_t loaded_trace_site(const struct loaded_trace *loaded,
                                         uint64_t number)
{
  assert(number >= 1 && number <= loaded->count);
  return loaded->sites == NULL ? 0 : loaded->sites[number - 1];
}

/* Bytes of the requests, their ids and their sites: nearly all of its memory. */
static inline size_t loaded_trace_bytes(const struct loaded_trace *loaded)
{
  return loaded->capacity * sizeof loaded->items[0] +
         loaded->id_capacity * sizeof loaded->ids[0] +
         loaded->site_capacity * sizeof loaded->sites[0];
}

/*
** Reads the requests of one interpreter to the end of a trace. If that fails,
** returns false and writes a sentence to 'why', of 'why_bytes'; the requests
** before the error are there.
*/
bool loaded_trace_read(struct loaded_trace *loaded, struct trace *trace,
                       size_t interpreter, char *why, size_t why_bytes);

/*
** The same, but reads no further than 'most' requests of the interpreter. What
** the trace has behind them is not checked.
*/
bool loaded_trace_read_most(struct loaded_trace *loaded, struct trace *trace,
                            size_t interpreter, size_t most, char *why,
                            size_t why_bytes);

/* Obeys an 'x' or 'o' on the heap. */
void loaded_trace_allow(const struct allowance *allowance, pym_heap *heap);

/*
** Leaves the first 'count' requests and what belongs to them: the marks and
** allowances up to there. Memory is not given back.
*/
void loaded_trace_cut(struct loaded_trace *loaded, size_t count);

/*
** Makes 'copy' a copy of the first 'count' requests. false: there is no memory;
** loaded_trace_close frees the copy in either case.
*/
bool loaded_trace_copy(struct loaded_trace *copy,
                       const struct loaded_trace *loaded, size_t count);

/*
** The number of the first malloc or calloc of an id that is live, from 1; 0:
** there is none. A request of more than PTRDIFF_MAX bytes, which is refused,
** makes no id live. SIZE_MAX: there is no memory.
*/
size_t loaded_trace_live_again(const struct loaded_trace *loaded);

void loaded_trace_close(struct loaded_trace *loaded);

#endif
