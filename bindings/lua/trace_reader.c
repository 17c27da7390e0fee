/*
** The reader of traces for scripts: trace.each and trace.scan.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "trace_reader.h"
#include "type.h"
#include "trace/trace.h"

/* A trace that a loop reads. It has a copy of the text, which does not change. */
struct trace_reader {
  uint64_t magic;
  struct trace *trace; /* NULL: closed */
  char *text;          /* NULL: it is read from a file */
};

static const struct binding_type reader_type = {"pymalloc.TraceReader",
                                                UINT64_C(0x3d1f08b6a97c52e4),
                                                sizeof(struct trace_reader)};

static int reader_close(lua_State *L)
{
  struct trace_reader *reader = binding_test(L, 1, &reader_type);
  if (reader == NULL)
    return 0;
  trace_close(reader->trace);
  free(reader->text);
  reader->trace = NULL;
  reader->text = NULL;
  return 0;
}

static void push_number(lua_State *L, uint64_t number)
{
  lua_pushinteger(L, (lua_Integer)number);
}

/* Pushes the site of a request behind 'count' values; counts them. */
static int push_site(lua_State *L, const struct trace_op *op, int count)
{
  if (op->site == 0)
    return count;
  for (; count < 4; count++)
    lua_pushnil(L);
  push_number(L, op->site);
  return 5;
}

/* Pushes the rest of a site or a mark, behind its word. */
static int push_named(lua_State *L, const struct trace_op *op)
{
  bool is_site = op->letter == TRACE_SITE;
  for (int i = 0; i < 3; i++)
    lua_pushnil(L);
  if (is_site)
    push_number(L, op->site);
  else
    lua_pushnil(L);
  lua_pushlstring(L, op->text, op->text_bytes);
  if (is_site)
    push_number(L, op->parent);
  return is_site ? 7 : 6;
}

/*
** Copies the text of a site or a mark: to push a value may run a finalizer,
** which may close the reader.
*/
static void keep_text(struct trace_op *op, char text[TRACE_TEXT_MAX])
{
  if (op->letter != TRACE_SITE && op->letter != TRACE_MARK)
    return;
  memcpy(text, op->text, op->text_bytes);
  op->text = text;
}

/*
** Word, id, bytes, count, site, text, parent; nil for what the operation does
** not have.
*/
static int push_op(lua_State *L, const struct trace_op *op)
{
  lua_pushstring(L, trace_op_word(op->letter));
  switch (op->letter) {
  case TRACE_MALLOC:
  case TRACE_REALLOC:
    push_number(L, op->id);
    push_number(L, op->bytes);
    return push_site(L, op, 3);
  case TRACE_CALLOC:
    push_number(L, op->id);
    push_number(L, op->bytes);
    push_number(L, op->count);
    return push_site(L, op, 4);
  case TRACE_FREE:
    push_number(L, op->id);
    return 2;
  case TRACE_ALLOW:
  case TRACE_INTERPRETER:
  case TRACE_OFFSET:
    lua_pushnil(L);
    lua_pushnil(L);
    push_number(L, op->count);
    return 4;
  case TRACE_SITE:
  case TRACE_MARK:
    return push_named(L, op);
  case TRACE_DUMP:
  case TRACE_REPORT:
  case TRACE_CHECK:
    return 1;
  }
  return 1;
}

/* The iterator: the next operation, or nil at the end. */
static int next_op(lua_State *L)
{
  struct trace_op op;
  char text[TRACE_TEXT_MAX];
  const struct trace_reader *reader = binding_check(L, 1, &reader_type);
  if (reader->trace == NULL)
    return luaL_error(L, "pymalloc: trace.each: the loop has ended");
  switch (trace_next(reader->trace, &op)) {
  case TRACE_OP:
    keep_text(&op, text);
    return push_op(L, &op);
  case TRACE_END:
    lua_pushnil(L);
    return 1;
  case TRACE_ERROR:
    return luaL_error(L, "pymalloc: trace.each: %s",
                      trace_error(reader->trace));
  }
  return 0;
}

/* Opens the copy of a text. */
static struct trace *open_copy(struct trace_reader *reader, const char *text,
                               size_t bytes)
{
  reader->text = malloc(bytes + 1);
  if (reader->text == NULL)
    return NULL;
  memcpy(reader->text, text, bytes);
  return trace_open_text(reader->text, bytes, "text");
}

/***
** trace.open_each(source, is_text): what a generic for needs; or nil and a
** message.
** @local
*/
static int open_each(lua_State *L)
{
  char why[TRACE_ERROR_BYTES] = "not enough memory";
  size_t bytes;
  bool is_text = lua_toboolean(L, 2);
  lua_settop(L, 1);
  lua_pushcfunction(L, next_op);
  struct trace_reader *reader = binding_new(L, &reader_type);
  luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING, 1, "string");
  const char *source = lua_tolstring(L, 1, &bytes);
  if (!is_text && strlen(source) != bytes)
    return luaL_error(L, "pymalloc: trace.each: a path holds no zero byte");
  reader->trace = is_text ? open_copy(reader, source, bytes)
                          : trace_open(source, why, sizeof why);
  if (reader->trace == NULL) {
    luaL_pushfail(L);
    lua_pushstring(L, why);
    return 2;
  }
  lua_pushnil(L);
  lua_pushvalue(L, -2);
  return 4;
}

/* Where a line begins that is the number-th of a text; lines count from 1. */
static size_t line_offset(const char *text, size_t bytes, uint64_t number)
{
  const char *at = text;
  for (uint64_t i = 1; i < number; i++)
    at = (const char *)memchr(at, '\n', bytes - (size_t)(at - text)) + 1;
  return (size_t)(at - text);
}

/* Reads a trace to its end, or to the first line that is not valid. */
static enum trace_status read_all(struct trace *trace, uint64_t *requests)
{
  struct trace_op op;
  enum trace_status status;
  *requests = 0;
  while ((status = trace_next(trace, &op)) == TRACE_OP)
    *requests += trace_is_request(op.letter);
  return status;
}

/* Argument 'index', a number of lines, sites or bytes; default 0. */
static uint64_t check_count(lua_State *L, int index, lua_Integer most)
{
  lua_settop(L, 5);
  return lua_isnil(L, index) ? 0
                             : (uint64_t)binding_check_integer(
                                   L, index, "trace.scan: a count", 0, most);
}

/***
** trace.scan(text, name, lines, sites, from): reads a text that continues a
** trace of this many lines and sites, from an offset on: three numbers, by
** default 0. Returns the number of requests before the first line that is not
** valid, the offset of that line or of the end, its message or nil, and the
** numbers of lines and of sites of the trace so far.
** @local
*/
static int scan(lua_State *L)
{
  char problem[TRACE_ERROR_BYTES];
  size_t bytes;
  uint64_t requests;
  luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING, 1, "string");
  luaL_argexpected(L, lua_type(L, 2) == LUA_TSTRING, 2, "string");
  const char *text = lua_tolstring(L, 1, &bytes);
  uint64_t before = check_count(L, 3, LUA_MAXINTEGER);
  uint32_t sites = (uint32_t)check_count(L, 4, TRACE_SITE_MAX);
  size_t from = (size_t)check_count(L, 5, (lua_Integer)bytes);
  struct trace *trace =
      trace_open_text(text + from, bytes - from, lua_tostring(L, 2));
  if (trace == NULL)
    return luaL_error(L, "pymalloc: not enough memory");
  trace_continue(trace, before, sites);
  enum trace_status status = read_all(trace, &requests);
  uint64_t line = trace_line(trace);
  sites = trace_sites(trace);
  (void)snprintf(problem, sizeof problem, "%s", trace_error(trace));
  trace_close(trace);
  bool is_wrong = status == TRACE_ERROR;
  push_number(L, requests);
  push_number(
      L, is_wrong ? from + line_offset(text + from, bytes - from, line - before)
                  : bytes);
  lua_pushstring(L, is_wrong ? problem : NULL);
  push_number(L, line);
  push_number(L, sites);
  return 5;
}

static const luaL_Reg metamethods[] = {
    {"__gc", reader_close}, {"__close", reader_close}, {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"open_each", open_each}, {"scan", scan}, {NULL, NULL}};

void binding_set_trace_reader(lua_State *L)
{
  binding_new_type(L, &reader_type, metamethods);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
  lua_pushliteral(L, TRACE_HEAD);
  lua_setfield(L, -2, "HEAD");
}
