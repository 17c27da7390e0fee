/*
** The sink of importers as a userdata: its requests are in trace_sink.c, its
** lines in trace_sink_lines.c, its sites and stacks in trace_sink_sites.c.
*/
#ifndef TRACE_SINK_TYPE_H
#define TRACE_SINK_TYPE_H

#include "sink_lines.h"
#include "sink_snapshot.h"
#include "type.h"

struct trace_sink {
  uint64_t seal;
  struct sink_lines lines;
  struct sink_snapshot snapshot;
  char *text; /* of the writer's file, up to its last flush */
  size_t text_bytes;
  char *patterns; /* of the templates */
};

extern const struct binding_type trace_sink_type;

/* The sink at index 1, which is not closed. */
static inline struct trace_sink *trace_sink_check(lua_State *L)
{
  struct trace_sink *sink = binding_check(L, 1, &trace_sink_type);
  if (sink->lines.writer.file == NULL)
    luaL_error(L, "pymalloc: the sink is closed");
  return sink;
}

/* Raises an error if there was no memory. */
static inline void trace_sink_fail_if_short(lua_State *L,
                                            const struct trace_sink *sink)
{
  if (sink->lines.writer.has_failed || sink->lines.frames.has_failed)
    luaL_error(L, "not enough memory");
}

/* Any integer: numbers from 2^63 on are negative in Lua. */
static inline uint64_t trace_sink_number(lua_State *L, int index)
{
  return (uint64_t)luaL_checkinteger(L, index);
}

/* Add methods to the table on the top. */
void binding_add_lines_to_sink(lua_State *L);
void binding_add_sites_to_sink(lua_State *L);

#endif
