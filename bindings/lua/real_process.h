/*
** A process that replays a trace on its own allocator
** (bindings/preload/real.c): the plan in shared memory, the start of the
** process, and the wait for its end. Nothing here calls Lua.
*/
#ifndef REAL_PROCESS_H
#define REAL_PROCESS_H

#include "../preload/real_plan.h"
#include "trace/loaded_trace.h"

#define REAL_PLAN_FILE 3 /* the descriptor of the plan in the process */
#define REAL_OUTPUT_BYTES 400

/* How the process ended. */
enum real_end { REAL_EXITED, REAL_SIGNALLED, REAL_TOO_LONG };

struct real_process {
  struct real_plan *plan; /* NULL: it could not be made */
  size_t bytes;           /* of the plan with its arrays */
  const struct real_sample *samples;
  size_t sample_count, request_count; /* the process may damage the plan */
  int plan_file, output_file;
  enum real_end end;
  int code;                       /* the exit code or the signal */
  char output[REAL_OUTPUT_BYTES]; /* the start of what the process wrote */
};

/* What a caller chooses. */
struct real_choice {
  enum real_kind kind;
  enum real_touch touch;
  bool huge_pages;
  size_t samples; /* evenly spread; the last one is after the last request */
  size_t seconds; /* after which the process is killed */
};

/*
** Makes the plan. One sample is added at the request with the most live bytes.
** false: errno says why. real_process_close must be called in both cases.
*/
bool real_process_plan(struct real_process *process,
                       const struct loaded_trace *loaded,
                       const struct real_choice *choice);

/* Runs the command until it ends. false: it could not start; errno says why. */
bool real_process_run(struct real_process *process, char *const *words,
                      size_t seconds);

void real_process_close(struct real_process *process);

#endif
