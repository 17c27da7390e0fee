#define _POSIX_C_SOURCE 200809L

/*
** The functions that the module of the page exports to JavaScript. They run the
** Lua library: web_open makes a Lua state, web_call calls a function of
** pymalloc.page or pymalloc.play by its name (lua/pymalloc/page/entry.lua).
**
** JavaScript writes strings into memory from malloc, and reads results before
** the next call. Lua's modules are files that it has made under /lua.
*/
#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EXPORT(name) __attribute__((export_name(name)))

#define STEPS_BETWEEN_HOOKS 100000

/* A Lua state and the call that it runs. The state's extra space points here. */
struct web {
  lua_State *L;
  size_t bytes, most_bytes; /* of the memory of the state */
  double seconds;           /* that the call may take; 0: no limit */
  double end;               /* the time by the clock when they are over */
  const char *result;       /* of the last call: a string on the stack of L */
  size_t result_bytes;
};

/* A string in the memory of the module. */
struct span {
  const char *text;
  size_t bytes;
};

struct web *web_open(size_t most_bytes);
int web_call(struct web *web, const struct span *name,
             const struct span *arguments, int is_bytes, double seconds);
const char *web_result(const struct web *web);
size_t web_result_bytes(const struct web *web);
int luaopen_pymalloc_core(lua_State *L);

/*
** {==================================================================
** Limits
** ===================================================================
*/

/* An allocation function of Lua that refuses to exceed 'most_bytes'. */
static void *limited_alloc(void *context, void *old, size_t old_bytes,
                           size_t bytes)
{
  struct web *web = context;
  size_t before = old != NULL ? old_bytes : 0;
  if (bytes == 0) {
    free(old);
    web->bytes -= before;
    return NULL;
  }
  if (bytes > before && bytes - before > web->most_bytes - web->bytes)
    return NULL;
  void *block = realloc(old, bytes);
  if (block != NULL)
    web->bytes += bytes - before;
  return block;
}

static double now(void)
{
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/*
** Once the time is over, raises an error at each instruction, so that a pcall
** in the called function delays the end of the call by one instruction.
*/
static void on_steps(lua_State *L, lua_Debug *ar)
{
  struct web *web = *(struct web **)lua_getextraspace(L);
  (void)ar;
  if (now() < web->end)
    return;
  lua_sethook(L, on_steps, LUA_MASKCOUNT, 1);
  luaL_where(L, 0); /* the function that is interrupted */
  lua_pushfstring(L, "The call did not end within %f seconds.", web->seconds);
  lua_concat(L, 2);
  (void)lua_error(L);
}

/* }================================================================== */

/*
** {==================================================================
** The state
** ===================================================================
*/

/* Opens the libraries, and returns the function of pymalloc.page.entry. */
static int open_libraries(lua_State *L)
{
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_pymalloc_core);
  lua_setfield(L, -2, "pymalloc.core");
  lua_getglobal(L, "require");
  lua_pushliteral(L, "pymalloc.page.entry");
  lua_call(L, 1, 1);
  return 1;
}

static void set_result(struct web *web, int index)
{
  web->result = lua_tolstring(web->L, index, &web->result_bytes);
  if (web->result == NULL) {
    web->result = "error object is not a string";
    web->result_bytes = 25;
  }
}

/*
** Makes a state whose stack has the function of pymalloc.page.entry. If that
** fails, web_result is the reason, else NULL. Returns NULL if there is no
** memory for a state.
*/
EXPORT("open") struct web *web_open(size_t most_bytes)
{
  struct web *web = calloc(1, sizeof *web);
  if (web == NULL)
    return NULL;
  web->most_bytes = most_bytes;
  web->L = lua_newstate(limited_alloc, web);
  if (web->L == NULL) {
    free(web);
    return NULL;
  }
  *(struct web **)lua_getextraspace(web->L) = web;
  lua_pushcfunction(web->L, open_libraries);
  if (lua_pcall(web->L, 0, 1, 0) != LUA_OK)
    set_result(web, -1);
  return web;
}

EXPORT("result") const char *web_result(const struct web *web)
{
  return web->result;
}

EXPORT("result_bytes") size_t web_result_bytes(const struct web *web)
{
  return web->result_bytes;
}

/* }================================================================== */

struct call {
  const struct span *name, *arguments;
  bool is_bytes;
};

/* Calls the function at index 1 for the call at index 2. */
static int call_entry(lua_State *L)
{
  const struct call *call = lua_touserdata(L, 2);
  lua_settop(L, 1);
  lua_pushlstring(L, call->name->text, call->name->bytes);
  lua_pushlstring(L, call->arguments->text, call->arguments->bytes);
  lua_pushboolean(L, call->is_bytes);
  lua_call(L, 3, 2);
  return 2;
}

/*
** Calls the function of this name with arguments in JSON. Returns 1 if it
** succeeds: web_result is then what it returned, as JSON, or as bytes if
** 'is_bytes' is not 0. Otherwise returns 0, and web_result is a message.
** 'seconds' limits the time, if it is not 0.
*/
EXPORT("call")
int web_call(struct web *web, const struct span *name,
             const struct span *arguments, int is_bytes, double seconds)
{
  lua_State *L = web->L;
  struct call call = {name, arguments, is_bytes != 0};
  web->seconds = seconds;
  web->end = now() + seconds;
  lua_settop(L, 1);
  lua_sethook(L, on_steps, seconds > 0 ? LUA_MASKCOUNT : 0,
              STEPS_BETWEEN_HOOKS);
  lua_pushcfunction(L, call_entry);
  lua_pushvalue(L, 1);
  lua_pushlightuserdata(L, &call);
  bool is_done = lua_pcall(L, 2, 2, 0) == LUA_OK;
  lua_sethook(L, NULL, 0, 0);
  bool is_result = is_done && lua_toboolean(L, -2);
  set_result(web, -1);
  (void)fflush(stdout);
  return is_result;
}
