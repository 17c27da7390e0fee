/*
** Traces for scripts: trace.replay_file and trace.replay_text.
**
** A replay has a child process, a file descriptor, a heap and blocks, and calls
** functions of the script. These run in protected mode, so that their errors do
** not jump over C code; they are raised again when everything is closed. While
** the replay is open, Lua objects are made in protected mode only.
**
** By debug.setlocal and a hook the functions of the script may change every
** value on the stack. So the state of the replay, and a copy of a trace that is
** a string, are in C memory.
*/
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "type.h"
#include "base/writer.h"
#include "replay_results.h"
#include "trace_parts.h"

#define PROGRESS_REQUESTS 100000u

struct binding_replay {
  lua_State *L; /* the Lua thread that runs the replay */
  char *text;   /* the copy of the trace; NULL: it is a file */
  struct trace *trace;
  pym_heap *heap;
  struct replay *replay;
  bool has_raised; /* a function of the script */
};

/* Text on its way to the output: a writer passes on no more at a time. */
struct piece {
  uint64_t magic;
  size_t bytes;
  char text[WRITER_BYTES];
};

static const struct binding_type piece_type = {
    "pymalloc.ReplayText", 0x9c1d7a3e52f8b046u, sizeof(struct piece)};

static void close_replay(struct binding_replay *self)
{
  replay_close(self->replay);
  trace_close(self->trace);
  pym_heap_delete(self->heap);
  free(self->text);
}

/*
** {==================================================================
** Calling functions of the script
** ===================================================================
*/

/* Arguments: the output, the text. Result: the reason if the output failed. */
static int write_to_object(lua_State *L)
{
  if (lua_getfield(L, 1, "write") == LUA_TNIL)
    return luaL_error(L, "pymalloc: replay: output has no method 'write'");
  lua_insert(L, 1);
  lua_call(L, 2, 2);
  return !lua_toboolean(L, -2) && lua_isstring(L, -1);
}

/* Arguments: the output, the piece of text. Result: the same. */
static int write_text(lua_State *L)
{
  const struct piece *piece = binding_check(L, 2, &piece_type);
  lua_settop(L, 2);
  lua_pushlstring(L, piece->text, piece->bytes);
  lua_replace(L, 2);
  if (!lua_isfunction(L, 1))
    return write_to_object(L);
  lua_call(L, 1, 0);
  return 0;
}

/*
** A pym_write. An error that it meets is kept until everything is closed. If
** the script has replaced the piece on the stack, write_text raises the error.
*/
static bool write_output(void *context, const char *text, size_t bytes)
{
  struct binding_replay *self = context;
  lua_State *L = self->L;
  struct piece *piece = binding_test(L, REPLAY_PIECE_ARG, &piece_type);
  assert(bytes <= sizeof piece->text);
  if (piece != NULL) {
    memcpy(piece->text, text, bytes);
    piece->bytes = bytes;
  }
  lua_pushcfunction(L, write_text);
  lua_pushvalue(L, REPLAY_OUTPUT_ARG);
  lua_pushvalue(L, REPLAY_PIECE_ARG);
  self->has_raised = lua_pcall(L, 2, 1, 0) != LUA_OK;
  lua_replace(L, REPLAY_ERROR_ARG);
  return !self->has_raised && lua_isnil(L, REPLAY_ERROR_ARG);
}

/* Calls the progress function. false: it returned false or raised an error. */
static bool report_progress(struct binding_replay *self)
{
  lua_State *L = self->L;
  bool is_stopped;
  if (lua_isnil(L, REPLAY_PROGRESS_ARG))
    return true;
  lua_pushvalue(L, REPLAY_PROGRESS_ARG);
  lua_pushinteger(L, (lua_Integer)replay_requests(self->replay));
  self->has_raised = lua_pcall(L, 1, 1, 0) != LUA_OK;
  if (self->has_raised) {
    lua_replace(L, REPLAY_ERROR_ARG);
    return false;
  }
  is_stopped = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
  lua_pop(L, 1);
  return !is_stopped;
}

/* }================================================================== */

/*
** {==================================================================
** Running
** ===================================================================
*/

/* Runs the replay to its end, or until the script stops it. */
static enum replay_status run(struct binding_replay *self)
{
  enum replay_status status;
  do
    status = replay_run(self->replay, PROGRESS_REQUESTS);
  while (status == REPLAY_MORE && report_progress(self));
  return status;
}

static int push_failure(lua_State *L, const char *message, const char *kind)
{
  lua_pushnil(L);
  lua_pushstring(L, message);
  lua_pushstring(L, kind);
  return 3;
}

static int push_write_failure(lua_State *L, const char *message)
{
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", message, lua_tostring(L, REPLAY_ERROR_ARG));
  lua_pushliteral(L, "write");
  return 3;
}

/* Pushes the results of a replay that is closed. */
static int push_results(lua_State *L, enum replay_status status,
                        const char *error)
{
  switch (status) {
  case REPLAY_MORE:
  case REPLAY_DONE:
    replay_results_push(L, REPLAY_RESULTS_ARG);
    lua_pushboolean(L, status == REPLAY_MORE);
    lua_setfield(L, -2, "stopped");
    return 1;
  case REPLAY_TRACE:
    return push_failure(L, error, "trace");
  case REPLAY_CHECK:
    return push_failure(L, error, "check");
  case REPLAY_WRITE:
    return push_write_failure(L, error);
  case REPLAY_NO_MEMORY:
    return push_failure(L, error, "ENOMEM");
  }
  return 0;
}

/* Closes a replay that has ended, and pushes its results. */
static int finish(lua_State *L, struct binding_replay *self,
                  enum replay_status status)
{
  struct replay_error error = *replay_error(self->replay);
  bool is_kept = replay_results_keep(L, REPLAY_RESULTS_ARG, self->replay);
  close_replay(self);
  if (self->has_raised) {
    lua_settop(L, REPLAY_ERROR_ARG);
    return lua_error(L);
  }
  if (!is_kept)
    return push_failure(L, "not enough memory for the results", "ENOMEM");
  return push_results(L, status, error.text);
}

static void check_path(lua_State *L)
{
  if (binding_to_word(L, REPLAY_TRACE_ARG) == NULL)
    luaL_error(L,
               "pymalloc: replay: the path must be a string without zero "
               "bytes, got %s",
               binding_describe(L, REPLAY_TRACE_ARG));
}

static void check_text(lua_State *L)
{
  if (lua_type(L, REPLAY_TRACE_ARG) != LUA_TSTRING)
    luaL_error(L, "pymalloc: replay: the text must be a string, got %s",
               binding_describe(L, REPLAY_TRACE_ARG));
}

/*
** Makes all Lua objects of a replay and reads the options. That may run code of
** the script, so the trace is checked once more after it.
*/
static void prepare(lua_State *L, void (*check_trace)(lua_State *L),
                    struct replay_options *options, pym_options *heap_options)
{
  lua_settop(L, REPLAY_OPTIONS_ARG);
  check_trace(L);
  (void)binding_new(L, &piece_type);
  replay_results_new(L);
  trace_read_options(L, options, heap_options);
  luaL_checkstack(L, 8, NULL);
  check_trace(L);
}

/* Makes the heap and the replay, after trace and options, and runs it. */
static int replay(lua_State *L, struct binding_replay *self,
                  struct replay_options *options,
                  const pym_options *heap_options)
{
  options->context = self;
  options->heap_options = heap_options;
  options->write = lua_isnil(L, REPLAY_OUTPUT_ARG) ? NULL : write_output;
  self->heap = pym_heap_new(heap_options);
  if (self->heap != NULL)
    self->replay = replay_open(self->trace, self->heap, options);
  if (self->replay != NULL)
    return finish(L, self, run(self));
  close_replay(self);
  return push_failure(L, "not enough memory", "ENOMEM");
}

/***
** trace.replay_file(path [, options]): runs the requests of a trace on a new
** heap.
** @tparam string path files that end in .gz, .xz and .zst are unpacked; - is
** standard input
** @tparam[opt] pymalloc.ReplayOptions options
** @treturn pymalloc.Summary or nil, a message, and a kind: "trace" (the trace
** is not valid), "check" (a k line found a broken invariant), "write" (the
** output failed) or "ENOMEM"
** @usage
** local sums = pymalloc.trace.replay_file("@startup")
** sums.heap.arenas_highwater --> 4
*/
static int replay_file(lua_State *L)
{
  struct replay_options options;
  pym_options heap_options;
  char why[TRACE_ERROR_BYTES];
  struct binding_replay self = {.L = L};
  prepare(L, check_path, &options, &heap_options);
  self.trace = trace_open(lua_tostring(L, REPLAY_TRACE_ARG), why, sizeof why);
  if (self.trace == NULL)
    return push_failure(L, why, "trace");
  return replay(L, &self, &options, &heap_options);
}

/* Opens a copy of the text that is argument 1. */
static void open_text(lua_State *L, struct binding_replay *self)
{
  size_t bytes;
  const char *text = lua_tolstring(L, REPLAY_TRACE_ARG, &bytes);
  self->text = malloc(bytes + 1);
  if (self->text == NULL)
    return;
  memcpy(self->text, text, bytes);
  self->trace = trace_open_text(self->text, bytes, "text");
}

/***
** trace.replay_text(text [, options]): runs the requests of a trace that is a
** string.
** @tparam string text
** @tparam[opt] pymalloc.ReplayOptions options
** @treturn pymalloc.Summary or nil, a message and a kind, as in replay_file
** @usage
** pymalloc.trace.replay_text("a 1 24\na 2 600\nf 1\n").raw --> 1
** select(3, pymalloc.trace.replay_text("a 1 x\n")) --> trace
*/
static int replay_text(lua_State *L)
{
  struct replay_options options;
  pym_options heap_options;
  struct binding_replay self = {.L = L};
  prepare(L, check_text, &options, &heap_options);
  open_text(L, &self);
  if (self.trace != NULL)
    return replay(L, &self, &options, &heap_options);
  close_replay(&self);
  return push_failure(L, "not enough memory", "ENOMEM");
}

/* }================================================================== */

static const luaL_Reg functions[] = {
    {"replay_file", replay_file}, {"replay_text", replay_text}, {NULL, NULL}};

int binding_open_trace(lua_State *L)
{
  static const luaL_Reg no_functions[] = {{NULL, NULL}};
  binding_new_type(L, &piece_type, no_functions);
  lua_pop(L, 1);
  replay_results_open(L);
  luaL_newlib(L, functions);
  return 1;
}
