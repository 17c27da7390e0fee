/*
** Functions that the files about traces share. A call of replay_file or
** replay_text has these values on its stack.
*/
#ifndef TRACE_PARTS_H
#define TRACE_PARTS_H

#include <lua.h>

#include "trace/replay.h"

enum {
  REPLAY_TRACE_ARG = 1, /* a path, or the text */
  REPLAY_OPTIONS_ARG,   /* a table */
  REPLAY_PIECE_ARG,     /* the userdata for text on its way to the output */
  REPLAY_RESULTS_ARG,   /* the object of replay_results.h */
  REPLAY_OUTPUT_ARG,    /* a function, an object with 'write', or nil */
  REPLAY_PROGRESS_ARG,  /* a function, or nil */
  REPLAY_ERROR_ARG      /* the error that the script raised, or nil */
};

/*
** Reads the options, and fills the stack behind the userdata. Everything except
** the output is then in 'options' and 'heap_options'.
*/
void trace_read_options(lua_State *L, struct replay_options *options,
                        pym_options *heap_options);

/*
** Pushes a table of the replay's statistics; its field 'heap' has the heap's.
*/
void trace_push_summary(lua_State *L, const struct replay_stats *replayed,
                        const pym_stats *stats);

/* Pushes the table core.trace. */
int binding_open_trace(lua_State *L);

#endif
