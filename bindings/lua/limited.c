/*
** core.limited calls a function with limits on the instructions of Lua that it
** runs, on the memory that it adds to the state, and on processor time.
**
** A hook counts the instructions. Once a limit is exceeded, the hook runs at
** each instruction and always raises an error. So a pcall inside the function
** can catch the error, but the instruction after it raises the next one, and
** in the end the error reaches core.limited.
**
** The allocator of the state is replaced during the call. When the call has
** added more bytes than it may, the hook collects garbage at the next
** instruction; if too many bytes remain, the limit is exceeded. A single
** request that would exceed twice the limit is refused, and exceeds the limit
** at once.
**
** The instructions of C functions are not counted, and finalizers run no hooks.
** So the function must not be able to call C functions whose time has no bound,
** or to set __gc. lua/pymalloc/sandbox_names.lua gives it no name with which it
** could.
*/
#include <lauxlib.h>
#include <stdio.h>
#include <time.h>

#include "limited.h"
#include "argument.h"
#include "relay.h"

#define STEPS_BETWEEN_HOOKS 1000

enum limit { LIMIT_NONE, LIMIT_STEPS, LIMIT_BYTES, LIMIT_SECONDS };

/* A limited call that runs. It is on the C stack of core.limited. */
struct limited {
  lua_State *L;
  struct relay *relay;
  int64_t steps, most_steps;
  int64_t bytes, most_bytes; /* added to the state since the call began */
  bool is_over;              /* too many bytes, of which some may be garbage */
  clock_t end;
  int between; /* steps between calls of the hook */
  enum limit exceeded;
  char where[LUA_IDSIZE + 24]; /* "answer.lua:3: "; "": not known */
};

/*
** {==================================================================
** The hook and the allocator
** ===================================================================
*/

static void *limited_alloc(void *context, void *old, size_t old_bytes,
                           size_t bytes);

/* The call that runs in this state; NULL: none, or another allocator. */
static struct limited *running(lua_State *L)
{
  return relay_context(L, limited_alloc);
}

bool binding_is_limited(lua_State *L)
{
  return running(L) != NULL;
}

static void note_where(lua_State *L, struct limited *limited, lua_Debug *ar)
{
  if (limited->where[0] != '\0' || lua_getinfo(L, "Sl", ar) == 0 ||
      ar->currentline < 1)
    return;
  (void)snprintf(limited->where, sizeof limited->where,
                 "%s:%d: ", ar->short_src, ar->currentline);
}

/*
** Collects garbage, because there are too many bytes. The steps since the last
** call of the hook are not known: as many as there can be are counted.
*/
static void collect(lua_State *L, struct limited *limited)
{
  (void)lua_gc(L, LUA_GCCOLLECT);
  limited->is_over = false;
  limited->steps += limited->between;
  if (limited->bytes > limited->most_bytes)
    limited->exceeded = LIMIT_BYTES;
}

static void look_at_limits(lua_State *L, struct limited *limited)
{
  if (limited->is_over)
    collect(L, limited);
  if (limited->exceeded != LIMIT_NONE)
    return;
  if (limited->steps > limited->most_steps)
    limited->exceeded = LIMIT_STEPS;
  else if (clock() > limited->end)
    limited->exceeded = LIMIT_SECONDS;
}

static void on_steps(lua_State *L, lua_Debug *ar)
{
  struct limited *limited = running(L);
  if (limited == NULL) /* a function called in it has replaced the allocator */
    return;
  limited->steps += lua_gethookcount(L);
  if (limited->exceeded == LIMIT_NONE)
    look_at_limits(L, limited);
  bool is_exceeded = limited->exceeded != LIMIT_NONE;
  lua_sethook(L, on_steps, LUA_MASKCOUNT, is_exceeded ? 1 : limited->between);
  if (!is_exceeded)
    return;
  note_where(L, limited, ar);
  luaL_error(L, "a limit is exceeded");
}

/*
** Counts this many bytes more. false: they are refused. Lua allows lua_sethook
** at any time, so also inside an allocation.
*/
static bool add_bytes(struct limited *limited, size_t bytes)
{
  int64_t most = limited->most_bytes;
  bool is_refused = bytes > (uint64_t)(2 * most - limited->bytes);
  if (is_refused && limited->exceeded == LIMIT_NONE)
    limited->exceeded = LIMIT_BYTES;
  else if (!is_refused)
    limited->bytes += (int64_t)bytes;
  if (is_refused || (limited->bytes > most && !limited->is_over)) {
    limited->is_over = true;
    lua_sethook(limited->L, on_steps, LUA_MASKCOUNT, 1);
  }
  return !is_refused;
}

static void *limited_alloc(void *context, void *old, size_t old_bytes,
                           size_t bytes)
{
  struct limited *limited = context;
  size_t had = old == NULL ? 0 : old_bytes;
  if (bytes > had && !add_bytes(limited, bytes - had))
    return NULL;
  void *served = limited->relay->below(limited->relay->below_context, old,
                                       old_bytes, bytes);
  if (bytes < had)
    limited->bytes -= (int64_t)(had - bytes);
  else if (served == NULL)
    limited->bytes -= (int64_t)(bytes - had);
  return served;
}

/* }================================================================== */

/*
** {==================================================================
** core.limited
** ===================================================================
*/

/* The limit with that name in the table at index 1. */
static lua_Integer limit_of(lua_State *L, const char *name, lua_Integer most)
{
  (void)lua_getfield(L, 1, name);
  lua_Integer value = binding_check_integer(L, -1, name, 1, most);
  lua_pop(L, 1);
  return value;
}

static struct limited read_limits(lua_State *L)
{
  struct limited limited = {.L = L};
  luaL_checktype(L, 1, LUA_TTABLE);
  limited.most_steps = limit_of(L, "steps", INT64_MAX / 4);
  limited.most_bytes = limit_of(L, "bytes", INT64_MAX / 4);
  limited.end = clock() + (clock_t)limit_of(L, "seconds", 1 << 20) *
                              (clock_t)CLOCKS_PER_SEC;
  return limited;
}

/* Calls the function and the arguments above index 'base'. */
static int call(lua_State *L, struct limited *limited, int base)
{
  lua_Hook hook = lua_gethook(L);
  int mask = lua_gethookmask(L), count = lua_gethookcount(L);
  limited->between = limited->most_steps < STEPS_BETWEEN_HOOKS
                         ? (int)limited->most_steps
                         : STEPS_BETWEEN_HOOKS;
  relay_begin(L, limited->relay, limited_alloc, limited);
  lua_sethook(L, on_steps, LUA_MASKCOUNT, limited->between);
  int status = lua_pcall(L, lua_gettop(L) - base - 1, LUA_MULTRET, 0);
  lua_sethook(L, hook, mask, count);
  relay_end(L, limited->relay);
  return status;
}

static const char *name_of(enum limit exceeded)
{
  switch (exceeded) {
  case LIMIT_NONE:
    return NULL;
  case LIMIT_STEPS:
    return "steps";
  case LIMIT_BYTES:
    return "bytes";
  case LIMIT_SECONDS:
    return "seconds";
  }
  return NULL;
}

/* The registry's key of the relay. */
static const char relay_key;

/*
** core.limited(limits, f, ...): calls f(...). 'limits' has the fields steps,
** bytes and seconds. Returns true and the results; or false, the error, and if
** a limit was exceeded its name and the line that ran, as "FILE:LINE: ".
*/
static int call_limited(lua_State *L)
{
  struct limited limited = read_limits(L);
  if (running(L) != NULL || lua_gethook(L) == on_steps)
    return luaL_error(L, "pymalloc: a limited call cannot make another one");
  limited.relay = relay_of(L, &relay_key);
  int status = call(L, &limited, 1);
  if (status == LUA_ERRMEM && limited.exceeded == LIMIT_NONE)
    limited.exceeded = LIMIT_BYTES;
  if (status == LUA_OK && limited.exceeded == LIMIT_NONE) {
    lua_pushboolean(L, true);
    lua_replace(L, 1);
    return lua_gettop(L);
  }
  lua_settop(L, 2);
  lua_pushboolean(L, false);
  lua_pushvalue(L, 2);
  lua_pushstring(L, name_of(limited.exceeded));
  lua_pushstring(L, limited.where);
  return 4;
}

/*
** core.is_limited(): does a limited call run?
*/
static int is_limited(lua_State *L)
{
  lua_pushboolean(L, running(L) != NULL);
  return 1;
}

void binding_set_limited(lua_State *L)
{
  lua_pushcfunction(L, is_limited);
  lua_setfield(L, -2, "is_limited");
  lua_pushcfunction(L, call_limited);
  lua_setfield(L, -2, "limited");
}

/* }================================================================== */
