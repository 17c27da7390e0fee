/*
** Traces in memory for scripts: trace.load_requests, of which
** pymalloc/trace.lua makes pymalloc.trace.loaded.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "loaded.h"
#include "run_type.h"
#include "type.h"
#include "versions.h"

#define WHY_BYTES 600

/* The arguments of load_requests; NAME is that of the trace. */
enum { SOURCE = 1, IS_TEXT, INTERPRETER, NAME, MOST };

/* Requests with the number of their users, of which the object is one. */
struct shared {
  struct loaded_trace trace; /* the first field */
  size_t references;
};

struct loaded_object {
  uint64_t magic;
  struct shared *shared; /* NULL: closed. The user value is the name */
};

static const struct binding_type loaded_type = {"pymalloc.LoadedTrace",
                                                UINT64_C(0x6e0b94d27a15c83f),
                                                sizeof(struct loaded_object)};

static void end_reference(struct shared *shared)
{
  assert(shared->references > 0);
  if (--shared->references > 0)
    return;
  loaded_trace_close(&shared->trace);
  free(shared);
}

static struct shared *check_shared(lua_State *L, int index)
{
  const struct loaded_object *object = binding_check(L, index, &loaded_type);
  if (object->shared == NULL)
    luaL_error(L, "pymalloc: the loaded trace is closed");
  return object->shared;
}

const struct loaded_trace *binding_check_loaded(lua_State *L, int index)
{
  return &check_shared(L, index)->trace;
}

const struct loaded_trace *binding_take_loaded(lua_State *L, int index)
{
  struct shared *shared = check_shared(L, index);
  shared->references++;
  return &shared->trace;
}

void binding_end_loaded(const struct loaded_trace *loaded)
{
  end_reference((struct shared *)loaded); /* its first field */
}

static int close_object(lua_State *L)
{
  struct loaded_object *object = binding_test(L, 1, &loaded_type);
  if (object != NULL && object->shared != NULL) {
    struct shared *shared = object->shared;
    object->shared = NULL;
    end_reference(shared);
  }
  return 0;
}

/***
** loaded:close(): frees the requests. Any later use raises an error.
** @usage
** local loaded = pymalloc.trace.loaded(trace)
** loaded:close()
** tostring(loaded) --> pymalloc.LoadedTrace closed
*/
static int close_method(lua_State *L)
{
  (void)binding_check(L, 1, &loaded_type);
  return close_object(L);
}

/*
** Writes to 'why' what is wrong with requests that were read, and with 'is_part'
** leaves those before it. true: all, or the part, can be run.
*/
static bool check_requests(struct loaded_trace *loaded, bool is_part, char *why)
{
  size_t number = loaded_trace_live_again(loaded);
  if (number == 0 || number == SIZE_MAX)
    return number == 0;
  (void)snprintf(why, WHY_BYTES, "request %zu: id %llu is live already", number,
                 (unsigned long long)loaded_trace_id(loaded, number));
  if (is_part)
    loaded_trace_cut(loaded, number - 1);
  return is_part;
}

/*
** Reads up to 'most' requests of argument 1. NULL: 'why' holds a sentence.
** Otherwise 'why' is "", or with 'is_part' the reason why the rest cannot be run.
*/
static struct shared *read_requests(lua_State *L, size_t interpreter,
                                    size_t most, bool is_part, char *why)
{
  size_t bytes;
  const char *source = lua_tolstring(L, SOURCE, &bytes);
  struct shared *shared = calloc(1, sizeof *shared);
  if (shared == NULL)
    return NULL;
  shared->references = 1;
  struct trace *trace = lua_toboolean(L, IS_TEXT)
                            ? trace_open_text(source, bytes, "text")
                            : trace_open(source, why, WHY_BYTES);
  bool is_read = trace != NULL &&
                 loaded_trace_read_most(&shared->trace, trace, interpreter,
                                        most, why, WHY_BYTES);
  if (is_read) {
    why[0] = '\0';
    is_read = check_requests(&shared->trace, is_part, why);
  }
  trace_close(trace);
  if (is_read)
    return shared;
  end_reference(shared);
  return NULL;
}

/* Refuses a source that is not a string, and a path with a zero byte. */
static void check_source(lua_State *L)
{
  luaL_argexpected(L, lua_type(L, SOURCE) == LUA_TSTRING, SOURCE, "string");
  if (!lua_toboolean(L, IS_TEXT) && binding_to_word(L, SOURCE) == NULL)
    luaL_error(L, "pymalloc: trace.loaded: a path holds no zero byte");
}

/***
** trace.load_requests(path or text, is_text, interpreter, name [, most]): a
** LoadedTrace; or nil, message, "trace". With 'most' it has no more requests, and
** none from one on that cannot be run; the second result is then the reason.
** Making the object may run code of the script, so the source is checked again
** after it.
** @local
*/
static int load_requests(lua_State *L)
{
  char why[WHY_BYTES] = "not enough memory";
  lua_settop(L, MOST);
  check_source(L);
  size_t interpreter = (size_t)binding_check_integer(
      L, INTERPRETER, "trace.loaded: interpreter", 0, TRACE_INTERPRETER_MAX);
  bool is_part = !lua_isnil(L, MOST);
  size_t most = is_part ? binding_check_size(L, MOST, "trace.loaded: most")
                        : LOADED_TRACE_MAX;
  struct loaded_object *object = binding_new(L, &loaded_type);
  lua_pushvalue(L, NAME);
  (void)lua_setiuservalue(L, -2, 1);
  check_source(L);
  object->shared = read_requests(L, interpreter, most, is_part, why);
  if (object->shared == NULL)
    return binding_fail(L, why, "trace");
  collect_for_bytes(L, loaded_trace_bytes(&object->shared->trace));
  if (why[0] == '\0')
    return 1;
  lua_pushstring(L, why);
  return 2;
}

static int loaded_index(lua_State *L)
{
  const char *name = binding_to_word(L, 2);
  if (name == NULL)
    return binding_push_method(L, &loaded_type);
  if (strcmp(name, "requests") == 0) {
    lua_pushinteger(L, (lua_Integer)check_shared(L, 1)->trace.count);
    return 1;
  }
  if (strcmp(name, "left_out") == 0) {
    lua_pushinteger(L, (lua_Integer)check_shared(L, 1)->trace.left_out);
    return 1;
  }
  if (strcmp(name, "name") == 0) {
    (void)check_shared(L, 1);
    (void)lua_getiuservalue(L, 1, 1);
    return 1;
  }
  return binding_push_method(L, &loaded_type);
}

static int loaded_len(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)check_shared(L, 1)->trace.count);
  return 1;
}

static int loaded_tostring(lua_State *L)
{
  const struct loaded_object *object = binding_check(L, 1, &loaded_type);
  if (object->shared == NULL) {
    lua_pushliteral(L, "pymalloc.LoadedTrace closed");
    return 1;
  }
  lua_Integer count = (lua_Integer)object->shared->trace.count;
  (void)lua_getiuservalue(L, 1, 1);
  const char *name = lua_tostring(L, -1);
  lua_pushfstring(L, "pymalloc.LoadedTrace %s with %I requests",
                  name == NULL ? "text" : name, (LUAI_UACINT)count);
  return 1;
}

void binding_open_loaded_type(lua_State *L)
{
  static const luaL_Reg metamethods[] = {
      {"__index", loaded_index},       {"__len", loaded_len},
      {"__tostring", loaded_tostring}, {"__gc", close_object},
      {"__close", close_object},       {NULL, NULL}};
  static const luaL_Reg methods[] = {{"close", close_method}, {NULL, NULL}};
  binding_new_type(L, &loaded_type, metamethods);
  luaL_setfuncs(L, methods, 0);
}

void binding_set_loaded(lua_State *L)
{
  lua_pushcfunction(L, load_requests);
  lua_setfield(L, -2, "load_requests");
}
