#include "relay.h"
#include "type.h"

static const struct binding_type relay_type = {
    "pymalloc.Relay", UINT64_C(0x52e1a9c04bd7f863), sizeof(struct relay)};

static void *relay_alloc(void *context, void *old, size_t old_bytes,
                         size_t bytes)
{
  struct relay *relay = context;
  return relay->allocate != NULL
             ? relay->allocate(relay->context, old, old_bytes, bytes)
             : relay->below(relay->below_context, old, old_bytes, bytes);
}

void relay_open_type(lua_State *L)
{
  static const luaL_Reg none[] = {{NULL, NULL}};
  binding_new_type(L, &relay_type, none);
  lua_pop(L, 1);
}

struct relay *relay_of(lua_State *L, const void *key)
{
  luaL_checkstack(L, 4, NULL);
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  struct relay *relay = binding_test(L, -1, &relay_type);
  lua_pop(L, 1);
  if (relay != NULL)
    return relay;
  relay = binding_new(L, &relay_type);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
  return relay;
}

void relay_begin(lua_State *L, struct relay *relay, lua_Alloc allocate,
                 void *context)
{
  relay->below = lua_getallocf(L, &relay->below_context);
  relay->context = context;
  relay->allocate = allocate;
  lua_setallocf(L, relay_alloc, relay);
}

void relay_end(lua_State *L, struct relay *relay)
{
  lua_setallocf(L, relay->below, relay->below_context);
  relay->allocate = NULL;
}

void *relay_context(lua_State *L, lua_Alloc allocate)
{
  void *context;
  if (lua_getallocf(L, &context) != relay_alloc)
    return NULL;
  const struct relay *relay = context;
  return relay->allocate == allocate ? relay->context : NULL;
}
