/*
** pymalloc.Run: a timeline as a userdata. The methods that scripts call
** (continue, reverse, last_write) are made of these functions in
** pymalloc/run.lua.
*/
#include <string.h>

#include "argument.h"
#include "heap.h"
#include "loaded.h"
#include "options.h"
#include "run_type.h"
#include "versions.h"

#define WHY_BYTES 600

/* The arguments of run.open, and the heap that it makes, on the stack. */
enum { SOURCE = 1, IS_TEXT, OPTIONS, INTERPRETER, HEAP };

struct run_object {
  uint64_t magic;
  struct timeline *run;      /* NULL: closed */
  struct binding_heap *heap; /* one reference; its object is the user value */
  const struct loaded_trace *loaded; /* one reference; NULL: the run's own */
};

const struct binding_type binding_run_type = {
    "pymalloc.Run", UINT64_C(0x5275a91e4c03d7b8), sizeof(struct run_object)};

int binding_fail(lua_State *L, const char *message, const char *kind)
{
  luaL_pushfail(L);
  lua_pushstring(L, message);
  lua_pushstring(L, kind);
  return 3;
}

/*
** {==================================================================
** Life
** ===================================================================
*/

struct timeline *binding_check_run(lua_State *L)
{
  const struct run_object *object = binding_check(L, 1, &binding_run_type);
  if (object->run == NULL)
    luaL_error(L, "pymalloc: the run is closed");
  return object->run;
}

static void close_run(struct run_object *object)
{
  struct timeline *run = object->run;
  struct binding_heap *heap = object->heap;
  const struct loaded_trace *loaded = object->loaded;
  object->run = NULL;
  object->heap = NULL;
  object->loaded = NULL;
  if (heap != NULL)
    binding_end_borrowed(heap);
  timeline_close(run);
  if (loaded != NULL)
    binding_end_loaded(loaded);
}

static int run_gc(lua_State *L)
{
  struct run_object *object = binding_test(L, 1, &binding_run_type);
  if (object != NULL)
    close_run(object);
  return 0;
}

/***
** run:close(): frees the run and its heap. Any later use raises an error.
** @usage
** run:close()
** run --> pymalloc.Run closed
*/
static int run_close_method(lua_State *L)
{
  close_run(binding_check(L, 1, &binding_run_type));
  return 0;
}

/*
** Opens the trace that is argument 1, a path or a text, and reads it. Makes no
** Lua object. NULL: 'why' holds a sentence.
*/
static struct timeline *read_run(lua_State *L, const pym_options *options,
                                 size_t interpreter, char *why)
{
  size_t bytes;
  const char *source = lua_tolstring(L, SOURCE, &bytes);
  struct trace *trace = lua_toboolean(L, IS_TEXT)
                            ? trace_open_text(source, bytes, "text")
                            : trace_open(source, why, WHY_BYTES);
  if (trace == NULL)
    return NULL;
  struct timeline *run =
      timeline_open(trace, interpreter, options, why, WHY_BYTES);
  trace_close(trace);
  return run;
}

/* Refuses a source that is not a string, and a path with a zero byte. */
static void check_source(lua_State *L)
{
  luaL_argexpected(L, lua_type(L, SOURCE) == LUA_TSTRING, SOURCE, "string");
  if (!lua_toboolean(L, IS_TEXT) && binding_to_word(L, SOURCE) == NULL)
    luaL_error(L, "pymalloc: replay: a path holds no zero byte");
}

/* Refuses options of layers above the heap: a checkpoint does not have them. */
static void refuse_layers(lua_State *L, const pym_options *options)
{
  if (options->checked || options->debug != PYM_DEBUG_OFF ||
      options->cache_bytes != 0 || options->cache_blocks != 0)
    luaL_error(L, "pymalloc: replay: the heap of a run is exact: debug, "
                  "checked, cache_bytes and cache_blocks are not allowed");
}

/*
** run.open(path or text, is_text, options, interpreter): a run; or nil, message,
** "trace".
** The arguments are checked again when all Lua objects are made: making them,
** and reading the options, may have run code of the script.
*/
static int run_new(lua_State *L)
{
  char why[WHY_BYTES] = "not enough memory";
  pym_options options;
  const char *profile;
  lua_settop(L, INTERPRETER);
  check_source(L);
  size_t interpreter = (size_t)binding_check_integer(
      L, INTERPRETER, "replay: interpreter", 0, TRACE_INTERPRETER_MAX);
  binding_read_options(L, OPTIONS, &options, &profile);
  refuse_layers(L, &options);
  lua_settop(L, INTERPRETER);
  (void)binding_new(L, &binding_heap_type);
  struct run_object *object = binding_new(L, &binding_run_type);
  check_source(L);
  object->run = read_run(L, &options, interpreter, why);
  if (object->run == NULL)
    return binding_fail(L, why, "trace");
  object->heap = binding_borrow(L, HEAP, object->run->heap, profile);
  if (object->heap == NULL)
    return binding_fail(L, "not enough memory", "ENOMEM");
  lua_pushvalue(L, HEAP);
  (void)lua_setiuservalue(L, -2, 1);
  collect_for_bytes(L, loaded_trace_bytes(&object->run->trace));
  return 1;
}

/* The arguments of run.open_loaded, and the heap that it makes. */
enum { LOADED = 1, LOADED_OPTIONS, LOADED_COUNT, LOADED_HEAP };

/*
** run.open_loaded(loaded, options, count): a run of the first 'count' requests of
** a LoadedTrace, which both use; or nil, message, "ENOMEM".
*/
static int run_of_loaded(lua_State *L)
{
  pym_options options;
  const char *profile;
  lua_settop(L, LOADED_COUNT);
  (void)binding_check_loaded(L, LOADED);
  binding_read_options(L, LOADED_OPTIONS, &options, &profile);
  refuse_layers(L, &options);
  lua_settop(L, LOADED_COUNT);
  (void)binding_new(L, &binding_heap_type);
  struct run_object *object = binding_new(L, &binding_run_type);
  const struct loaded_trace *loaded = binding_check_loaded(L, LOADED);
  size_t count = (size_t)binding_check_integer(L, LOADED_COUNT, "replay: count",
                                               0, (lua_Integer)loaded->count);
  object->loaded = binding_take_loaded(L, LOADED);
  object->run = timeline_open_loaded(loaded, count, &options);
  if (object->run != NULL)
    object->heap = binding_borrow(L, LOADED_HEAP, object->run->heap, profile);
  if (object->heap == NULL)
    return binding_fail(L, "not enough memory", "ENOMEM");
  lua_pushvalue(L, LOADED_HEAP);
  (void)lua_setiuservalue(L, -2, 1);
  return 1;
}

/* }================================================================== */

uint64_t binding_check_time(lua_State *L, const struct timeline *run, int index,
                            const char *what)
{
  return (uint64_t)binding_check_integer(L, index, what, 0,
                                         (lua_Integer)timeline_length(run));
}

/***
** run:seek(op): moves, forwards or backwards, to the state after a request.
** @tparam integer op number of the request, from 0 (the beginning) to
** run.length
** @treturn pymalloc.Run itself; or nil and the reason why a request cannot be
** run
** @usage run:seek(3).op --> 3
*/
static int seek(lua_State *L)
{
  struct timeline *run = binding_check_run(L);
  if (!timeline_seek(run, binding_check_time(L, run, 2, "run:seek: op")))
    return binding_fail(L, run->error, "trace");
  lua_settop(L, 1);
  return 1;
}

static int run_index(lua_State *L)
{
  const char *name = binding_to_word(L, 2);
  if (name == NULL)
    return binding_push_method(L, &binding_run_type);
  if (strcmp(name, "op") == 0) {
    lua_pushinteger(L, (lua_Integer)binding_check_run(L)->at);
    return 1;
  }
  if (strcmp(name, "length") == 0) {
    lua_pushinteger(L, (lua_Integer)timeline_length(binding_check_run(L)));
    return 1;
  }
  if (strcmp(name, "left_out") == 0) {
    lua_pushinteger(L, (lua_Integer)binding_check_run(L)->trace.left_out);
    return 1;
  }
  if (strcmp(name, "heap") == 0) {
    (void)binding_check_run(L);
    (void)lua_getiuservalue(L, 1, 1);
    return 1;
  }
  return binding_push_method(L, &binding_run_type);
}

static int run_tostring(lua_State *L)
{
  const struct run_object *object = binding_check(L, 1, &binding_run_type);
  if (object->run == NULL)
    lua_pushliteral(L, "pymalloc.Run closed");
  else
    lua_pushfstring(L, "pymalloc.Run at %I of %I requests",
                    (LUAI_UACINT)object->run->at,
                    (LUAI_UACINT)timeline_length(object->run));
  return 1;
}

static const luaL_Reg metamethods[] = {{"__index", run_index},
                                       {"__tostring", run_tostring},
                                       {"__gc", run_gc},
                                       {"__close", run_close_method},
                                       {NULL, NULL}};

static const luaL_Reg methods[] = {
    {"seek", seek}, {"close", run_close_method}, {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"open", run_new}, {"open_loaded", run_of_loaded}, {NULL, NULL}};

void binding_open_run_type(lua_State *L)
{
  binding_new_type(L, &binding_run_type, metamethods);
  luaL_setfuncs(L, methods, 0);
}

int binding_open_run(lua_State *L)
{
  luaL_newlib(L, functions);
  binding_set_run_search(L);
  binding_set_run_look(L);
  binding_set_run_where(L);
  binding_set_run_bytes(L);
  binding_set_run_change(L);
  binding_set_run_fields(L);
  binding_set_run_lists(L);
  binding_set_run_map(L);
  return 1;
}
