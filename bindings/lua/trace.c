/*
** Traces for scripts: trace.replay_file and trace.replay_text.
**
** A replay has a child process, a file descriptor, a heap and blocks, and calls
** functions of the script. These run in protected mode, so that their errors do
** not jump over C code; they are raised again when everything is closed. If
** another error is raised (there is no memory for the summary), the collector
** closes the userdata.
*/
#include "argument.h"
#include "type.h"
#include "trace_parts.h"

#define PROGRESS_REQUESTS 100000u

struct binding_replay {
  uint64_t magic;
  struct trace *trace;
  pym_heap *heap;
  struct replay *replay;
  lua_State *running; /* the Lua thread that runs the replay, or NULL */
  bool has_raised;    /* a function of the script */
};

static const struct binding_type replay_type = {
    "pymalloc.Replay", 0x9c1d7a3e52f8b046u, sizeof(struct binding_replay)};

static void close_replay(struct binding_replay *self)
{
  replay_close(self->replay);
  trace_close(self->trace);
  pym_heap_delete(self->heap);
  self->replay = NULL;
  self->trace = NULL;
  self->heap = NULL;
}

/* For __gc. A replay that is running, as in os.exit, is not closed. */
static int gc(lua_State *L)
{
  struct binding_replay *self = binding_test(L, 1, &replay_type);
  if (self != NULL && self->running == NULL)
    close_replay(self);
  return 0;
}

static const luaL_Reg replay_functions[] = {
    {"__gc", gc}, {"__close", gc}, {NULL, NULL}};

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

/*
** Arguments: the output, the address of the text, its bytes. Result: the same.
*/
static int write_text(lua_State *L)
{
  const char *text = lua_touserdata(L, 2);
  size_t bytes = (size_t)lua_tointeger(L, 3);
  lua_settop(L, 1);
  lua_pushlstring(L, text, bytes);
  if (!lua_isfunction(L, 1))
    return write_to_object(L);
  lua_call(L, 1, 0);
  return 0;
}

/* A pym_write. An error that it meets is kept until everything is closed. */
static bool write_output(void *context, const char *text, size_t bytes)
{
  struct binding_replay *self = context;
  lua_State *L = self->running;
  lua_pushcfunction(L, write_text);
  lua_pushvalue(L, REPLAY_OUTPUT_ARG);
  lua_pushlightuserdata(L, (void *)(uintptr_t)text);
  lua_pushinteger(L, (lua_Integer)bytes);
  self->has_raised = lua_pcall(L, 3, 1, 0) != LUA_OK;
  lua_replace(L, REPLAY_ERROR_ARG);
  return !self->has_raised && lua_isnil(L, REPLAY_ERROR_ARG);
}

/* Calls the progress function. false: it returned false or raised an error. */
static bool report_progress(struct binding_replay *self)
{
  lua_State *L = self->running;
  bool is_stopped;
  if (lua_isnil(L, REPLAY_PROGRESS_ARG))
    return true;
  lua_pushvalue(L, REPLAY_PROGRESS_ARG);
  lua_pushinteger(L, (lua_Integer)replay_stats_of(self->replay)->requests);
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
static enum replay_status run(lua_State *L, struct binding_replay *self)
{
  enum replay_status status;
  self->running = L;
  do
    status = replay_run(self->replay, PROGRESS_REQUESTS);
  while (status == REPLAY_MORE && report_progress(self));
  self->running = NULL;
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
                        const char *error, const struct replay_stats *replayed,
                        const pym_stats *stats)
{
  switch (status) {
  case REPLAY_MORE:
  case REPLAY_DONE:
    trace_push_summary(L, replayed, stats);
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
  struct replay_stats replayed = *replay_stats_of(self->replay);
  struct replay_error error = *replay_error(self->replay);
  pym_stats stats;
  pym_heap_stats(self->heap, &stats, NULL);
  close_replay(self);
  if (self->has_raised) {
    lua_settop(L, REPLAY_ERROR_ARG);
    return lua_error(L);
  }
  return push_results(L, status, error.text, &replayed, &stats);
}

/* Makes the heap and the replay, after trace and options, and runs it. */
static int replay(lua_State *L, struct binding_replay *self,
                  struct replay_options *options,
                  const pym_options *heap_options)
{
  options->context = self;
  options->write = lua_isnil(L, REPLAY_OUTPUT_ARG) ? NULL : write_output;
  luaL_checkstack(L, 8, NULL);
  self->heap = pym_heap_new(heap_options);
  if (self->heap != NULL)
    self->replay = replay_open(self->trace, self->heap, options);
  if (self->replay != NULL)
    return finish(L, self, run(L, self));
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
** local sums = pymalloc.trace.replay_file("traces/cpython-startup.trace.xz")
** sums.heap.arenas_highwater --> 4
*/
static int replay_file(lua_State *L)
{
  struct replay_options options;
  pym_options heap_options;
  char why[TRACE_ERROR_BYTES];
  lua_settop(L, REPLAY_OPTIONS_ARG);
  const char *path = binding_to_word(L, REPLAY_TRACE_ARG);
  if (path == NULL)
    return luaL_error(L,
                      "pymalloc: replay: the path must be a string without "
                      "zero bytes, got %s",
                      binding_describe(L, REPLAY_TRACE_ARG));
  struct binding_replay *self = binding_new(L, &replay_type);
  trace_read_options(L, &options, &heap_options);
  self->trace = trace_open(path, why, sizeof why);
  if (self->trace == NULL)
    return push_failure(L, why, "trace");
  return replay(L, self, &options, &heap_options);
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
  size_t bytes;
  lua_settop(L, REPLAY_OPTIONS_ARG);
  if (lua_type(L, REPLAY_TRACE_ARG) != LUA_TSTRING)
    return luaL_error(L, "pymalloc: replay: the text must be a string, got %s",
                      binding_describe(L, REPLAY_TRACE_ARG));
  const char *text = lua_tolstring(L, REPLAY_TRACE_ARG, &bytes);
  struct binding_replay *self = binding_new(L, &replay_type);
  trace_read_options(L, &options, &heap_options);
  self->trace = trace_open_text(text, bytes, "text");
  if (self->trace == NULL)
    return push_failure(L, "not enough memory", "ENOMEM");
  return replay(L, self, &options, &heap_options);
}

/* }================================================================== */

static const luaL_Reg functions[] = {
    {"replay_file", replay_file}, {"replay_text", replay_text}, {NULL, NULL}};

int binding_open_trace(lua_State *L)
{
  binding_new_type(L, &replay_type, replay_functions);
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
