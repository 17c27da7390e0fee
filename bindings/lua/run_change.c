/*
** Adds requests to a run's trace, and finds requests by their id or size.
*/
#include <stdio.h>

#include "argument.h"
#include "run_type.h"
#include "trace/trace.h"

/* run.cut(run): leaves out the requests behind the present one. */
static int cut(lua_State *L)
{
  if (!timeline_cut(binding_check_run(L)))
    return binding_fail(L, "not enough memory", "ENOMEM");
  lua_pushboolean(L, 1);
  return 1;
}

/*
** Reads the only line of a text. NULL: it is a request; otherwise what is wrong,
** of the trace or a constant.
*/
static const char *read_request(struct trace *trace, struct trace_op *op)
{
  struct trace_op other;
  enum trace_status status = trace_next(trace, op);
  if (status == TRACE_END)
    return "a line has to be a request, and this one is empty";
  if (status == TRACE_OP && !trace_is_request(op->letter))
    return "a line has to be a request";
  if (status == TRACE_OP)
    status = trace_next(trace, &other);
  if (status == TRACE_OP)
    return "one line is added at a time";
  return status == TRACE_ERROR ? trace_error(trace) : NULL;
}

/*
** run.append(run, line): leaves out the requests behind the present one, and
** adds a request, which is not run yet. true; or nil and the reason why not.
*/
static int append(lua_State *L)
{
  size_t bytes;
  struct trace_op op;
  struct timeline *run = binding_check_run(L);
  luaL_argexpected(L, lua_type(L, 2) == LUA_TSTRING, 2, "string");
  const char *line = lua_tolstring(L, 2, &bytes);
  struct trace *trace = trace_open_text(line, bytes, "line");
  if (trace == NULL)
    return binding_fail(L, "not enough memory", "ENOMEM");
  char why[TRACE_ERROR_BYTES] = "";
  const char *problem = read_request(trace, &op);
  if (problem != NULL)
    (void)snprintf(why, sizeof why, "%s", problem);
  op.site = 0;
  trace_close(trace);
  if (problem != NULL)
    return binding_fail(L, why, "trace");
  if (!timeline_append(run, &op))
    return binding_fail(L, run->error, "trace");
  lua_pushboolean(L, 1);
  return 1;
}

static bool is_wanted(const struct loaded_trace *trace, uint64_t number,
                      bool by_id, uint64_t value)
{
  const struct request *request = &trace->items[number - 1];
  if (by_id)
    return loaded_trace_id(trace, number) == value;
  return request->letter != TRACE_FREE && request->bytes == value;
}

/*
** run.find(run, name, value, first, last): the number of the first request from
** 'first' to 'last', forwards or backwards, whose "id" or "size" has the value;
** or nil.
*/
static int find(lua_State *L)
{
  static const char *const figures[] = {"size", "id", NULL};
  const struct timeline *run = binding_check_run(L);
  lua_Integer length = (lua_Integer)timeline_length(run);
  bool by_id = luaL_checkoption(L, 2, NULL, figures) == 1;
  uint64_t value = (uint64_t)binding_check_integer(
      L, 3, "run: value", LUA_MININTEGER, LUA_MAXINTEGER);
  lua_Integer at = binding_check_integer(L, 4, "run: first", 1, length);
  lua_Integer last = binding_check_integer(L, 5, "run: last", 1, length);
  lua_Integer step = at <= last ? 1 : -1;
  for (;; at += step) {
    if (is_wanted(&run->trace, (uint64_t)at, by_id, value)) {
      lua_pushinteger(L, at);
      return 1;
    }
    if (at == last)
      break;
  }
  luaL_pushfail(L);
  return 1;
}

static const luaL_Reg functions[] = {
    {"cut", cut}, {"append", append}, {"find", find}, {NULL, NULL}};

void binding_set_run_change(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
