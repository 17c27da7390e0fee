/*
** The processes of a log, and the call that each of them is inside of. ltrace
** writes a call in two lines if another process or thread does something before
** it returns:
**
**   7 realloc(0x5600, 720 <unfinished ...>
**   8 malloc(24) = 0x55d0
**   7 <... realloc resumed> ) = 0x5610
**
** A free happens at its first line, and a realloc gives the old block away
** there; all else happens at the second line. A whole call between the two lines
** is part of the open one: calloc may make it. A process has at most one open call
** here: one that begins another before the first returns is left to Lua, which
** gets the open call with sink_call_take.
*/
#ifndef SINK_CALLS_H
#define SINK_CALLS_H

#include "line_template.h"
#include "trace_writer.h"

#define PROCESSES_MAX (1u << 16)
#define NESTED_MAX 100u /* whole calls inside of one */

enum call_kind { CALL_MALLOC, CALL_CALLOC, CALL_REALLOC, CALL_FREE };

struct sink_call {
  enum call_kind kind;
  unsigned number; /* of the template of its first line */
  struct line_fields fields;
  uint64_t id;     /* of the block that a realloc moves; 0: it has none */
  unsigned nested; /* calls inside of it, at most NESTED_MAX */
};

struct sink_process {
  bool is_own;  /* its requests are put; else they are counted */
  bool is_busy; /* it is inside of calls that Lua has read */
  bool is_open; /* it is inside of this one */
  struct sink_call call;
};

struct sink_processes {
  struct idmap map; /* key -> its struct sink_process */
};

/* false: there is no memory. */
bool sink_processes_open(struct sink_processes *processes);

/* A struct of zeros is allowed. */
void sink_processes_close(struct sink_processes *processes);

/* NULL: the process is not known. */
struct sink_process *sink_process_find(const struct sink_processes *processes,
                                       uint64_t key);

/*
** The requests of a process are put, or counted and left out. A process beyond
** PROCESSES_MAX is not kept. false: there is no memory.
*/
bool sink_process_set(struct sink_processes *processes, uint64_t key,
                      bool is_own);

/* Opens a call of a process that is inside of none. */
void sink_call_begin(struct sink_process *process, struct trace_writer *writer,
                     const struct sink_call *call);

/* Counts a whole call inside of the open one. false: there are too many. */
bool sink_call_nest(struct sink_process *process);

/*
** Closes the open call. false, and nothing is done: no call is open whose first
** line matched the template before this one; or it has no result, and is no free.
*/
bool sink_call_end(struct sink_process *process, struct trace_writer *writer,
                   unsigned number, uint64_t result);

/*
** Closes the open call as if it had not been read here, but what its first line
** did stays. false: there is none.
*/
bool sink_call_take(struct sink_process *process, struct sink_call *call);

/* How many calls are open whose request was not put. */
uint64_t sink_calls_cut(const struct sink_processes *processes);

#endif
