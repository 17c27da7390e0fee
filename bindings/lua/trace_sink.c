#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "trace_sink.h"
#include "trace_sink_type.h"

const struct binding_type trace_sink_type = {"pymalloc.TraceSink",
                                             UINT64_C(0x51f0c3b7e2a94d68),
                                             sizeof(struct trace_sink)};

/*
** {==================================================================
** Life
** ===================================================================
*/

static bool open_file(struct trace_sink *sink)
{
  sink->lines.writer.file = open_memstream(&sink->text, &sink->text_bytes);
  return sink->lines.writer.file != NULL;
}

static void close_file(struct trace_sink *sink)
{
  if (sink->lines.writer.file != NULL)
    (void)fclose(sink->lines.writer.file);
  sink->lines.writer.file = NULL;
}

static int finalize(lua_State *L)
{
  struct trace_sink *sink = binding_test(L, 1, &trace_sink_type);
  if (sink == NULL)
    return 0;
  close_file(sink);
  free(sink->text);
  free(sink->patterns);
  idmap_close(&sink->lines.writer.ids);
  sink_kinds_close(&sink->lines.kinds);
  sink_labels_close(&sink->lines.labels);
  sink_frames_close(&sink->lines.frames);
  sink_snapshot_close(&sink->snapshot);
  sink_processes_close(&sink->lines.processes);
  sink->text = sink->patterns = NULL;
  sink->lines.writer.ids = (struct idmap){{0}};
  return 0;
}

/* Takes a copy of the templates, one in a line. */
static bool take_templates(struct trace_sink *sink, const char *lines)
{
  sink->patterns = strdup(lines);
  if (sink->patterns == NULL)
    return false;
  for (char *line = sink->patterns; *line != '\0';) {
    char *end = strchr(line, '\n');
    if (end == NULL)
      return false;
    *end = '\0';
    if (!sink_add_template(&sink->lines, line))
      return false;
    line = end + 1;
  }
  return true;
}

/***
** trace.sink(templates): a sink, which makes a trace of requests.
** @tparam string templates lines "verb|pattern", as line_template.h describes
** @local
*/
static int new_sink(lua_State *L)
{
  lua_settop(L, 1);
  struct trace_sink *sink = binding_new(L, &trace_sink_type);
  const char *templates = binding_to_word(L, 1);
  sink->lines.writer.next_id = 1;
  sink->lines.request_limit = sink->lines.id_limit = UINT64_MAX;
  if (!idmap_open(&sink->lines.writer.ids) ||
      !sink_processes_open(&sink->lines.processes) ||
      !sink_frames_open(&sink->lines.frames) || !open_file(sink))
    return luaL_error(L, "not enough memory");
  if (templates == NULL || !take_templates(sink, templates))
    return luaL_error(L, "pymalloc: trace.sink: a template is wrong");
  return 1;
}

/* }================================================================== */

/*
** {==================================================================
** Requests that Lua has read
** ===================================================================
*/

static bool has_address(enum verb verb)
{
  return verb == VERB_MALLOC || verb == VERB_CALLOC || verb == VERB_REALLOC ||
         verb == VERB_REALLOC_OLD || verb == VERB_REALLOC_NEW ||
         verb == VERB_FREE || verb == VERB_STACK_MALLOC;
}

/*
** sink:put(verb, address, size, count, old): a request; sink:put("id_malloc",
** id, size) one of a log with ids; sink:put("push", frame) a change of the
** stacks. Returns whether it could be put: sink_lines.h has the reasons.
*/
static int put(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  size_t bytes;
  const char *word = luaL_checklstring(L, 2, &bytes);
  uint64_t address = trace_sink_number(L, 3);
  struct line_fields fields = {.address = address,
                               .id = address,
                               .size = (uint64_t)luaL_optinteger(L, 4, 0),
                               .count = (uint64_t)luaL_optinteger(L, 5, 0),
                               .old = (uint64_t)luaL_optinteger(L, 6, 0)};
  enum verb verb = sink_verb(word, bytes);
  if (verb == VERB_COUNT || (has_address(verb) && address == 0))
    return luaL_error(L, "pymalloc: sink:put: %s has no address",
                      binding_quote(L, 2));
  lua_pushboolean(L, sink_put(&sink->lines, verb, &fields));
  trace_sink_fail_if_short(L, sink);
  return 1;
}

/* The id of argument 2: 0, or one that was given out. */
static uint64_t check_id(lua_State *L, const struct trace_sink *sink)
{
  uint64_t id = trace_sink_number(L, 2);
  if (id >= sink->lines.writer.next_id)
    luaL_error(L, "pymalloc: the id was not given out");
  return id;
}

/***
** sink:take(address): a realloc of this block begins: until sink:moved or
** sink:freed is called, no block is there. Returns its id, or 0.
** @local
*/
static int take_id(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  lua_pushinteger(L, (lua_Integer)trace_take_id(&sink->lines.writer,
                                                trace_sink_number(L, 2)));
  return 1;
}

/***
** sink:moved(id, address, size): the end of a realloc. Without a size it has
** failed, and the block is where it was.
** @local
*/
static int moved(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  uint64_t id = check_id(L, sink), address = trace_sink_number(L, 3);
  if (address == 0)
    return luaL_error(L, "pymalloc: sink:moved: there is no address");
  if (!lua_isnoneornil(L, 4))
    trace_put_realloc(&sink->lines.writer, id, address,
                      trace_sink_number(L, 4));
  else if (id != 0)
    trace_put_back(&sink->lines.writer, address, id);
  trace_sink_fail_if_short(L, sink);
  return 0;
}

/* sink:freed(id): the end of a realloc that has freed the block. */
static int freed(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  trace_put_free_of(&sink->lines.writer, check_id(L, sink));
  trace_sink_fail_if_short(L, sink);
  return 0;
}

/***
** sink:free_all(): frees all blocks, because the process replaces its program.
** @local
*/
static int free_all(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  sink->lines.writer.has_failed |= !trace_put_free_all(&sink->lines.writer);
  trace_sink_fail_if_short(L, sink);
  return 0;
}

/* sink:has(address): is a block live there, or one with this id? */
static int has(lua_State *L)
{
  const struct trace_sink *sink = trace_sink_check(L);
  uint64_t key = trace_sink_number(L, 2);
  lua_pushboolean(L,
                  key != 0 && idmap_find(&sink->lines.writer.ids, key) != NULL);
  return 1;
}

/* sink:mark(text) */
static int mark(lua_State *L)
{
  size_t bytes;
  struct trace_sink *sink = trace_sink_check(L);
  const char *text = luaL_checklstring(L, 2, &bytes);
  trace_put_mark(&sink->lines.writer, text, bytes);
  trace_sink_fail_if_short(L, sink);
  return 0;
}

/***
** sink:counts(): requests, frees of unknown blocks, blocks taken for freed,
** requests of other processes, and calls inside of another one.
** @local
*/
static int counts(lua_State *L)
{
  const struct trace_sink *sink = trace_sink_check(L);
  lua_pushinteger(L, (lua_Integer)sink->lines.writer.requests);
  lua_pushinteger(L, (lua_Integer)sink->lines.writer.unknown_frees);
  lua_pushinteger(L, (lua_Integer)sink->lines.writer.reused);
  lua_pushinteger(L, (lua_Integer)sink->lines.others);
  lua_pushinteger(L, (lua_Integer)sink->lines.nested);
  return 5;
}

/***
** sink:text(): the lines made since the last call.
** @local
*/
static int take_text(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  sink->lines.writer.has_failed |= fflush(sink->lines.writer.file) != 0;
  trace_sink_fail_if_short(L, sink);
  lua_pushlstring(L, sink->text, sink->text_bytes);
  sink = trace_sink_check(L); /* a finalizer may have closed it */
  close_file(sink);
  free(sink->text);
  sink->text = NULL;
  if (!open_file(sink))
    return luaL_error(L, "not enough memory");
  return 1;
}

/* }================================================================== */

static const luaL_Reg methods[] = {{"put", put},           {"take", take_id},
                                   {"moved", moved},       {"freed", freed},
                                   {"free_all", free_all}, {"has", has},
                                   {"mark", mark},         {"counts", counts},
                                   {"text", take_text},    {NULL, NULL}};

static int index_method(lua_State *L)
{
  return binding_push_method(L, &trace_sink_type);
}

static const luaL_Reg metamethods[] = {
    {"__index", index_method}, {"__gc", finalize}, {NULL, NULL}};

void binding_set_trace_sink(lua_State *L)
{
  binding_new_type(L, &trace_sink_type, metamethods);
  luaL_setfuncs(L, methods, 0);
  binding_add_lines_to_sink(L);
  binding_add_sites_to_sink(L);
  lua_pop(L, 1);
  lua_pushcfunction(L, new_sink);
  lua_setfield(L, -2, "sink");
}
