/*
** What the files about traces share. A call of replay_file or replay_text has
** this on its stack.
*/
#ifndef TRACE_PARTS_H
#define TRACE_PARTS_H

#include <lua.h>

#include "trace/replay.h"

enum {
  REPLAY_TRACE_ARG = 1, /* a path, or the text */
  REPLAY_OPTIONS_ARG,   /* a table */
  REPLAY_SELF_ARG,      /* the userdata */
  REPLAY_OUTPUT_ARG,    /* a function, what has a method 'write', or nil */
  REPLAY_PROGRESS_ARG,  /* a function, or nil */
  REPLAY_ERROR_ARG      /* what a function of the script raised, or nil */
};

/*
** Reads the options, with the stack filled up to the userdata; fills the
** rest. All but where to write to is then in 'options' and 'heap_options'.
*/
void trace_read_options(lua_State *L, struct replay_options *options,
                        pym_options *heap_options);

/* Pushes a table with the tally, and in its field 'heap' the stats. */
void trace_push_summary(lua_State *L, const struct replay_stats *replayed,
                        const pym_stats *stats);

/* Pushes the table core.trace. */
int binding_open_trace(lua_State *L);

#endif
