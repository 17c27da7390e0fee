/*
** The record of a replay, and the functions that its files share.
**
**   replay.c         opens a replay, reads operations, and runs the requests
**   replay_other.c   runs the operations that are not requests
**   replay_text.c    writes dumps and reports
**   replay_end.c     ends a replay with an error
*/
#ifndef REPLAY_PARTS_H
#define REPLAY_PARTS_H

#include "base/writer.h"
#include "trace/interpreters.h"
#include "trace/replay.h"

#define BATCH_OPS 16u

/*
** The operations are read some time before they run, so that the entries of the
** table of live ids that they need can be fetched: 5 million requests with
** placements and 100,000 live ids took 0.55 s instead of 0.9 s.
*/
struct batch {
  struct trace_op ops[BATCH_OPS];
  struct trace_op *next, *end;
  enum trace_status status; /* what follows the operations */
};

struct replay {
  struct trace *trace;
  struct replay_options options;
  enum replay_status status; /* other than REPLAY_MORE: it is over */
  uint64_t next_dump; /* after this request of 'now'; UINT64_MAX: never */
  uint64_t goal;      /* stop at this request of 'now' */
  uint64_t line;      /* of the trace, being run */
  struct batch batch;
  struct interpreter now;
  struct interpreters interpreters;
  struct phases phases;
  struct replay_error error;
  struct writer writer;
};

/* The interpreter with a number, or NULL. */
static inline const struct interpreter *replay_find(const struct replay *replay,
                                                    size_t number)
{
  return interpreters_find(&replay->interpreters, &replay->now, number);
}

/* The number of requests done, of all interpreters. */
static inline uint64_t replay_requests_done(const struct replay *replay)
{
  return replay->now.stats.requests + replay->interpreters.other_requests;
}

/* Ends the replay with a status and the text of an error. */
void replay_end_with(struct replay *replay, enum replay_status status,
                     const char *text);

/* The same, with the place in the trace in front of the text. */
void replay_fail_at(struct replay *replay, enum replay_status status,
                    const char *text);

/*
** Write the state, or the report, of each interpreter. Where there is more than
** one, the number of each stands before its text.
*/
void replay_write_dumps(struct replay *replay);
void replay_write_reports(struct replay *replay);

/* Writes the line with the number of an interpreter. */
void replay_name_interpreter(struct replay *replay, size_t number);

/* Passes the output so far on to the caller's pym_write. */
void replay_flush(struct replay *replay);

/* The operations k, m and i. */
void replay_check_each(struct replay *replay);
void replay_add_phase(struct replay *replay, const struct trace_op *op);
void replay_change_interpreter(struct replay *replay, uint64_t number);

#endif
