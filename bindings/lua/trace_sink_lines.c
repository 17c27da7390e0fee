#include <string.h>

#include "argument.h"
#include "trace_sink_type.h"

/***
** sink:words(words, ends_at_bracket, has_processes): sets the words of the format,
** one in a line, as line_words.h describes them. If 'has_processes', a line is
** skipped only if its process is known.
** @local
*/
static int set_words(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  const char *words = luaL_checkstring(L, 2);
  sink->lines.words =
      (struct line_words){.count = 0, .ends_at_bracket = lua_toboolean(L, 3)};
  sink->lines.has_processes = lua_toboolean(L, 4);
  for (const char *end; (end = strchr(words, '\n')) != NULL; words = end + 1)
    if (!line_words_add(&sink->lines.words, words, (size_t)(end - words)))
      return luaL_error(L, "pymalloc: sink:words: a word is wrong");
  return 0;
}

/***
** sink:feed(text, position, is_busy): takes the whole lines from the position on,
** up to the first that is not plain. If 'is_busy', it takes only lines that mean
** nothing. Returns the position of that line, or of what comes after the last whole
** line, and the number of lines taken.
** @local
*/
static int feed(lua_State *L)
{
  size_t bytes, lines = 0;
  struct trace_sink *sink = trace_sink_check(L);
  luaL_argexpected(L, lua_type(L, 2) == LUA_TSTRING, 2, "string");
  const char *text = lua_tolstring(L, 2, &bytes);
  size_t at = (size_t)binding_check_integer(L, 3, "sink:feed: position", 1,
                                            (lua_Integer)bytes + 1) -
              1;
  bool is_busy = lua_toboolean(L, 4);
  const char *end;
  while ((end = memchr(text + at, '\n', bytes - at)) != NULL &&
         (is_busy ? sink_skips_line(&sink->lines, text + at, end)
                  : sink_take_line(&sink->lines, text + at, end))) {
    at = (size_t)(end + 1 - text);
    lines++;
  }
  trace_sink_fail_if_short(L, sink);
  lua_pushinteger(L, (lua_Integer)at + 1);
  lua_pushinteger(L, (lua_Integer)lines);
  return 2;
}

/* The key of the process of argument 2; nil is that of lines that name none. */
static uint64_t check_key(lua_State *L, const char *what)
{
  return lua_isnoneornil(L, 2) ? NO_PROCESS
                               : process_key(binding_check_number(L, 2, what));
}

/***
** sink:process(number, is_own): lines of this process are taken, or counted and
** left out. The number nil is that of lines that do not name their process.
** @local
*/
static int set_process(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  uint64_t key = check_key(L, "sink:process: number");
  if (!sink_process_set(&sink->lines.processes, key, lua_toboolean(L, 3)))
    return luaL_error(L, "not enough memory");
  return 0;
}

/***
** sink:busy(number, is_busy): the process is inside of calls that Lua has read:
** lines of the process with a word of the format are left to Lua.
** @local
*/
static int set_busy(lua_State *L)
{
  const struct trace_sink *sink = trace_sink_check(L);
  struct sink_process *process = sink_process_find(
      &sink->lines.processes, check_key(L, "sink:busy: number"));
  if (process != NULL)
    process->is_busy = lua_toboolean(L, 3);
  return 0;
}

/***
** sink:take_call(number): the call that the process is inside of is left to Lua.
** Returns the number of the template of its first line, from 1 on, then its size,
** count, old address, the id of the block that it moves and how many calls were
** inside of it; nil if there is none.
** @local
*/
static int take_call(lua_State *L)
{
  const struct trace_sink *sink = trace_sink_check(L);
  struct sink_call call;
  struct sink_process *process = sink_process_find(
      &sink->lines.processes, check_key(L, "sink:take_call: number"));
  if (process == NULL || !sink_call_take(process, &call)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, (lua_Integer)call.number + 1);
  lua_pushinteger(L, (lua_Integer)call.fields.size);
  lua_pushinteger(L, (lua_Integer)call.fields.count);
  lua_pushinteger(L, (lua_Integer)call.fields.old);
  lua_pushinteger(L, (lua_Integer)call.id);
  lua_pushinteger(L, (lua_Integer)call.nested);
  return 6;
}

/* sink:calls_cut(): how many calls are open whose request was not put. */
static int calls_cut(lua_State *L)
{
  const struct trace_sink *sink = trace_sink_check(L);
  lua_pushinteger(L, (lua_Integer)sink_calls_cut(&sink->lines.processes));
  return 1;
}

/***
** sink:limit(ids, requests): lines with other ids, or with more requests, are
** left to Lua.
** @local
*/
static int limit(lua_State *L)
{
  struct trace_sink *sink = trace_sink_check(L);
  sink->lines.id_limit = binding_check_number(L, 2, "sink:limit: ids");
  sink->lines.request_limit =
      binding_check_number(L, 3, "sink:limit: requests");
  return 0;
}

static const luaL_Reg methods[] = {
    {"words", set_words},     {"feed", feed},
    {"process", set_process}, {"busy", set_busy},
    {"take_call", take_call}, {"calls_cut", calls_cut},
    {"limit", limit},         {NULL, NULL}};

void binding_add_lines_to_sink(lua_State *L)
{
  luaL_setfuncs(L, methods, 0);
}
