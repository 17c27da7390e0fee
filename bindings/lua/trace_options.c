/*
** Reads the options of a replay from a table, without metamethods. An unknown
** option is an error.
*/
#include <string.h>

#include "argument.h"
#include "options.h"
#include "trace_parts.h"

/***
** pymalloc.ReplayOptions: the options of a replay.
** @tfield[opt] pymalloc.Options heap options of the heap of each interpreter
** @tfield[opt] boolean placements write the place of each request's block
** @tfield[opt] integer dump_every requests from one dump of the state to the
** next; default none
** @tfield[opt] boolean dump write the state at the end
** @tfield[opt] boolean stats write the report at the end
** @tfield[opt] boolean arena_map false leaves the arena map out of reports
** @tfield[opt] function|table|userdata output where the text goes: a function
** that is called with strings, or an object with a method write, as files have
** @tfield[opt] function progress called after each 100,000 requests with the
** number of requests done; if it returns false the replay ends
*/
static const char *const option_names[] = {"heap",   "placements", "dump_every",
                                           "dump",   "stats",      "arena_map",
                                           "output", "progress"};

#define OPTION_COUNT (sizeof option_names / sizeof option_names[0])

static bool is_option(const char *name)
{
  for (size_t i = 0; name != NULL && i < OPTION_COUNT; i++)
    if (strcmp(option_names[i], name) == 0)
      return true;
  return false;
}

static void unknown_option(lua_State *L, int key)
{
  luaL_Buffer allowed;
  const char *got = binding_quote(L, key);
  luaL_buffinit(L, &allowed);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    luaL_addstring(&allowed, i == 0 ? "" : ", ");
    luaL_addstring(&allowed, option_names[i]);
  }
  luaL_pushresult(&allowed);
  luaL_error(L, "pymalloc: replay: unknown option %s (allowed: %s)", got,
             lua_tostring(L, -1));
}

static void check_names(lua_State *L)
{
  lua_pushnil(L);
  while (lua_next(L, REPLAY_OPTIONS_ARG) != 0) {
    lua_pop(L, 1);
    if (!is_option(binding_to_word(L, -1)))
      unknown_option(L, lua_gettop(L));
  }
}

static void check_table(lua_State *L)
{
  if (lua_isnil(L, REPLAY_OPTIONS_ARG)) {
    lua_newtable(L);
    lua_replace(L, REPLAY_OPTIONS_ARG);
  }
  if (!lua_istable(L, REPLAY_OPTIONS_ARG))
    luaL_error(L, "pymalloc: replay: options must be a table, got %s",
               binding_describe(L, REPLAY_OPTIONS_ARG));
  check_names(L);
}

/* Pushes an option. Returns its type. */
static int push_option(lua_State *L, const char *name)
{
  lua_pushstring(L, name);
  return lua_rawget(L, REPLAY_OPTIONS_ARG);
}

static void refuse(lua_State *L, const char *name, const char *allowed)
{
  luaL_error(L, "pymalloc: replay: %s must be %s, got %s", name, allowed,
             binding_describe(L, -1));
}

static bool read_flag(lua_State *L, const char *name, bool otherwise)
{
  int type = push_option(L, name);
  bool flag = type == LUA_TNIL ? otherwise : lua_toboolean(L, -1);
  if (type != LUA_TNIL && type != LUA_TBOOLEAN)
    refuse(L, name, "true or false");
  lua_pop(L, 1);
  return flag;
}

/* The option as a positive integer, or 0 if it is not given. */
static uint64_t read_count(lua_State *L, const char *name)
{
  lua_Integer count = 0;
  if (push_option(L, name) != LUA_TNIL)
    count = binding_check_integer(L, lua_gettop(L), name, 1, LUA_MAXINTEGER);
  lua_pop(L, 1);
  return (uint64_t)count;
}

static void push_progress(lua_State *L)
{
  int type = push_option(L, "progress");
  if (type != LUA_TNIL && type != LUA_TFUNCTION)
    refuse(L, "progress", "a function");
}

static void push_output(lua_State *L)
{
  int type = push_option(L, "output");
  if (type != LUA_TNIL && type != LUA_TFUNCTION && type != LUA_TUSERDATA &&
      type != LUA_TTABLE)
    refuse(L, "output", "a file or a function");
}

static void read_flags(lua_State *L, struct replay_options *options)
{
  *options =
      (struct replay_options){.placements = read_flag(L, "placements", false),
                              .dump = read_flag(L, "dump", false),
                              .stats = read_flag(L, "stats", false),
                              .arena_map = read_flag(L, "arena_map", true),
                              .dump_every = read_count(L, "dump_every")};
  bool writes = options->placements || options->dump || options->stats ||
                options->dump_every != 0;
  if (writes && lua_isnil(L, REPLAY_OUTPUT_ARG))
    luaL_error(L, "pymalloc: replay: output is missing: where are "
                  "placements, dumps and reports to go?");
}

void trace_read_options(lua_State *L, struct replay_options *options,
                        pym_options *heap_options)
{
  const char *profile;
  check_table(L);
  push_output(L);
  push_progress(L);
  lua_pushnil(L);
  read_flags(L, options);
  push_option(L, "heap");
  binding_read_options(L, lua_gettop(L), heap_options, &profile);
  lua_settop(L, REPLAY_ERROR_ARG);
}
