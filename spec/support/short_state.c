/*
** A separate Lua state whose memory can be limited:
**
**   state = faults.state()
**   state:run(code [, spare])   true, or false and the error; with 'spare' the
**                               state can use that many bytes more than it
**                               uses before the call
**   state:shrink_hosted(code)   true if a block allocated before hosting
**                               shrinks in a heap without memory
**   state:close()               the bytes that are still in use
**
** A single failing request is not enough, because Lua then collects garbage
** and tries once more. So the limit stays until the call has ended.
*/
#include <stdlib.h>
#include <string.h>

#include <lualib.h>

#include "faults.h"
#include "versions.h"

#define STATE "pymalloc.faults.State"

struct state {
  lua_State *inner; /* NULL: closed */
  size_t used_bytes, limit_bytes;
};

static void *allocate(void *context, void *data, size_t old_bytes,
                      size_t new_bytes)
{
  struct state *state = context;
  if (data == NULL)
    old_bytes = 0; /* Lua passes a type tag here. */
  if (new_bytes > old_bytes &&
      new_bytes - old_bytes > state->limit_bytes - state->used_bytes)
    return NULL;
  void *served = NULL;
  if (new_bytes == 0)
    free(data);
  else
    served = realloc(data, new_bytes);
  if (new_bytes == 0 || served != NULL)
    state->used_bytes += new_bytes - old_bytes;
  return served;
}

static int new_state(lua_State *L)
{
  struct state *state = lua_newuserdatauv(L, sizeof *state, 0);
  *state = (struct state){.limit_bytes = SIZE_MAX};
  luaL_setmetatable(L, STATE);
  state->inner = new_lua_state(allocate, state);
  if (state->inner == NULL)
    return luaL_error(L, "no memory for a state");
  luaL_openlibs(state->inner);
  return 1;
}

static struct state *check_state(lua_State *L)
{
  struct state *state = luaL_checkudata(L, 1, STATE);
  luaL_argcheck(L, state->inner != NULL, 1, "the state is closed");
  return state;
}

/* Calls with 'spare' bytes more than are in use, or no limit if negative. */
static int call(struct state *state, lua_Integer spare)
{
  (void)lua_gc(state->inner, LUA_GCCOLLECT);
  if (spare >= 0)
    state->limit_bytes = state->used_bytes + (size_t)spare;
  int status = lua_pcall(state->inner, 0, 0, 0);
  state->limit_bytes = SIZE_MAX;
  return status;
}

static int run(lua_State *L)
{
  struct state *state = check_state(L);
  const char *code = luaL_checkstring(L, 2);
  lua_Integer spare = luaL_optinteger(L, 3, -1);
  int status = luaL_loadstring(state->inner, code);
  if (status == LUA_OK)
    status = call(state, spare);
  lua_pushboolean(L, status == LUA_OK);
  if (status == LUA_OK)
    return 1;
  lua_pushstring(L, luaL_tolstring(state->inner, -1, NULL));
  lua_settop(state->inner, 0);
  return 2;
}

/*
** state:shrink_hosted(code): hosts the state by 'code', which returns the heap,
** uses up the memory of the heap, and shrinks a block allocated before hosting.
** Returns whether it was shrunk with its content kept.
*/
static int shrink_hosted(lua_State *L)
{
  void *context, *all = NULL, *taken;
  lua_State *inner = check_state(L)->inner;
  lua_Alloc before = lua_getallocf(inner, &context);
  char expected[500], *old = before(context, NULL, 0, 600);
  memset(expected, 7, sizeof expected);
  memcpy(old, expected, sizeof expected);
  if (luaL_dostring(inner, luaL_checkstring(L, 2)) != LUA_OK)
    return luaL_error(L, "%s", lua_tostring(inner, -1));
  pym_heap *heap = faults_door(inner)->check_heap(inner, -1);
  for (; (taken = pym_malloc(heap, sizeof expected)) != NULL; all = taken)
    memcpy(taken, &all, sizeof all);
  lua_Alloc hosted = lua_getallocf(inner, &context);
  char *shrunk = hosted(context, old, 600, sizeof expected);
  lua_pushboolean(L, hosted != before && shrunk != NULL &&
                         memcmp(shrunk, expected, sizeof expected) == 0);
  while ((taken = all) != NULL) {
    memcpy(&all, taken, sizeof all);
    pym_free(heap, taken);
  }
  if (shrunk != NULL)
    (void)hosted(context, shrunk, sizeof expected, 0);
  else
    (void)hosted(context, old, 600, 0);
  return 1;
}

static int close_state(lua_State *L)
{
  struct state *state = luaL_checkudata(L, 1, STATE);
  if (state->inner != NULL)
    lua_close(state->inner);
  state->inner = NULL;
  lua_pushinteger(L, (lua_Integer)state->used_bytes);
  return 1;
}

static const luaL_Reg methods[] = {{"run", run},
                                   {"shrink_hosted", shrink_hosted},
                                   {"close", close_state},
                                   {"__gc", close_state},
                                   {NULL, NULL}};

const luaL_Reg faults_states[] = {{"state", new_state}, {NULL, NULL}};

void faults_open_states(lua_State *L)
{
  luaL_newmetatable(L, STATE);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
