/*
** Userdata that no script can forge: each begins with a seal, which is made of
** its type, its address and a secret of the process. A script can give any
** metatable to any userdata by debug.setmetatable, and may write the bytes of
** another module's userdata; but it cannot read the bytes of these.
*/
#define _DEFAULT_SOURCE
#include <string.h>
#include <unistd.h>

#include "type.h"
#include "argument.h"

_Atomic uint64_t binding_secret;

/* Sets the secret once, even if several threads open the module at a time. */
static void make_secret(lua_State *L)
{
  uint64_t unset = 0, random = 0;
  if (binding_secret != 0)
    return;
  if (getentropy(&random, sizeof random) != 0)
    luaL_error(L, "pymalloc: the system gives no random bytes");
  (void)atomic_compare_exchange_strong(&binding_secret, &unset, random | 1);
}

/*
** Pushes the metatable of a type; it stays the same if the module is reloaded.
*/
static void push_new_metatable(lua_State *L, const struct binding_type *type)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, type) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, type);
}

void binding_new_type(lua_State *L, const struct binding_type *type,
                      const luaL_Reg *functions)
{
  make_secret(L);
  lua_newtable(L);
  push_new_metatable(L, type);
  lua_pushstring(L, type->name);
  lua_setfield(L, -2, "__name");
  lua_pushstring(L, type->name); /* so that no script takes __gc away */
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -2);
  luaL_setfuncs(L, functions, 1);
  lua_pop(L, 1);
}

void binding_set_makers(lua_State *L, const struct binding_type *type,
                        const luaL_Reg *functions)
{
  push_new_metatable(L, type);
  luaL_setfuncs(L, functions, 1);
}

static void lacks_metatable(lua_State *L, const struct binding_type *type)
{
  luaL_error(L, "pymalloc: the metatable of %s is gone", type->name);
}

/*
** Pushes an object without a metatable. It is looked up again: making it may
** have run a finalizer.
*/
static void *push_object(lua_State *L, const struct binding_type *type)
{
  (void)lua_newuserdatauv(L, type->bytes, 1);
  void *object = lua_touserdata(L, -1);
  if (object == NULL || lua_rawlen(L, -1) != type->bytes)
    luaL_error(L, "pymalloc: the new %s is gone", type->name);
  uint64_t seal = binding_seal(type, object);
  memset(object, 0, type->bytes); /* NOLINT: luaL_error does not return */
  memcpy(object, &seal, sizeof seal);
  return object;
}

void *binding_new(lua_State *L, const struct binding_type *type)
{
  void *object = push_object(L, type);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, type) != LUA_TTABLE)
    lacks_metatable(L, type);
  (void)lua_setmetatable(L, -2);
  return object;
}

void *binding_make(lua_State *L, const struct binding_type *type)
{
  void *object = push_object(L, type);
  lua_pushvalue(L, lua_upvalueindex(1));
  if (!lua_istable(L, -1))
    lacks_metatable(L, type);
  (void)lua_setmetatable(L, -2);
  return object;
}

void *binding_push_scratch(lua_State *L, size_t bytes)
{
  void *made = lua_newuserdatauv(L, bytes, 0);
  if (lua_touserdata(L, -1) != made || lua_rawlen(L, -1) != bytes)
    luaL_error(L, "pymalloc: the memory for a result is gone");
  return made;
}

void *binding_refuse(lua_State *L, int index, const struct binding_type *type)
{
  luaL_error(L, "pymalloc: %s expected, got %s", type->name,
             binding_describe(L, index));
  return NULL;
}

bool binding_find_method(lua_State *L)
{
  if (unlikely(lua_gettop(L) != 2))
    lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  if (!lua_istable(L, -1))
    return false;
  lua_pushvalue(L, 2);
  return lua_rawget(L, -2) != LUA_TNIL;
}

int binding_push_method(lua_State *L, const struct binding_type *type)
{
  if (binding_find_method(L))
    return 1;
  return luaL_error(L, "pymalloc: %s has no field %s", type->name,
                    binding_quote(L, 2));
}
