/*
** The interpreters of a trace that is replayed. Each has a heap, a table of its
** live ids and statistics of its own. An interpreter begins with its first line
** "i N"; 0 is there from the start.
**
**   now                 the interpreter whose requests are run; the replay has it
**   all[0..count-1]     the others, by number; all[number] is out of date
**
** The parts of 'now' are not behind a pointer, so that a request costs no more
** than where there is one interpreter.
**
** Tested by spec/unit/trace_interpreter_spec.lua.
*/
#ifndef INTERPRETERS_H
#define INTERPRETERS_H

#include "base/idmap.h"
#include "trace/replay_stats.h"

struct interpreter {
  pym_heap *heap; /* NULL: it has not begun */
  struct idmap live;
  struct replay_stats stats;
};

struct interpreters {
  size_t number;           /* of 'now' */
  struct interpreter *all; /* NULL: there is only 0 */
  size_t count;
  uint64_t other_requests; /* of all interpreters except 'now' */
};

/*
** Makes 'now' interpreter 0, on a heap that stays the caller's. 'interpreters'
** is all zeros. false: there is no memory.
*/
bool interpreter_open(struct interpreter *now, pym_heap *heap);

/*
** Makes 'now' the interpreter with a number up to TRACE_INTERPRETER_MAX; if it
** begins, makes its heap. false: there is no memory, and nothing has changed.
*/
bool interpreters_switch(struct interpreters *interpreters,
                         struct interpreter *now, size_t number,
                         const pym_options *options);

/* The interpreter with a number, or NULL where it has not begun. */
const struct interpreter *
interpreters_find(const struct interpreters *interpreters,
                  const struct interpreter *now, size_t number);

/* All numbers are below this. 1: there is only interpreter 0. */
static inline size_t interpreters_end(const struct interpreters *interpreters)
{
  return interpreters->all == NULL ? 1 : interpreters->count;
}

/* Frees live blocks, tables and the heaps, except that of interpreter 0. */
void interpreters_close(struct interpreters *interpreters,
                        const struct interpreter *now);

#endif
