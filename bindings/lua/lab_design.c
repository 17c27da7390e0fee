#include "lab_design.h"

#include <stdio.h>
#include <string.h>

#include "argument.h"
#include "table.h"

struct policy {
  const char *name, *sentence;
};

#define X(name, word, sentence) {word, sentence},
static const struct policy next_blocks[] = {NEXT_BLOCKS(X){NULL, NULL}};
static const struct policy next_pools[] = {NEXT_POOLS(X){NULL, NULL}};
static const struct policy next_arenas[] = {NEXT_ARENAS(X){NULL, NULL}};
static const struct policy carvings[] = {CARVINGS(X){NULL, NULL}};
static const struct policy releases[] = {RELEASES(X){NULL, NULL}};
#undef X

static const struct {
  const char *field;
  const struct policy *policies;
} kinds[] = {{"next_block", next_blocks},
             {"next_pool", next_pools},
             {"next_arena", next_arenas},
             {"carving", carvings},
             {"release", releases}};

#define KINDS (sizeof kinds / sizeof kinds[0])

/*
** {==================================================================
** Names of policies
** ===================================================================
*/

static void push_kind(lua_State *L, const struct policy *policies)
{
  lua_newtable(L);
  int array = lua_gettop(L);
  for (lua_Integer i = 0; policies[i].name != NULL; i++) {
    lua_createtable(L, 0, 2);
    table_set_string(L, "name", policies[i].name);
    table_set_string(L, "sentence", policies[i].sentence);
    table_append(L, array, i + 1);
  }
}

int lab_push_policies(lua_State *L)
{
  lua_newtable(L);
  for (size_t i = 0; i < KINDS; i++) {
    push_kind(L, kinds[i].policies);
    lua_setfield(L, -2, kinds[i].field);
  }
  return 1;
}

/* The number of the policy that a field names; -1: it is "asked". */
static int read_policy(lua_State *L, int index, size_t kind)
{
  int found = -2;
  (void)lua_getfield(L, index, kinds[kind].field);
  const char *name = binding_to_word(L, -1);
  for (int i = 0; name != NULL && kinds[kind].policies[i].name != NULL; i++)
    if (strcmp(kinds[kind].policies[i].name, name) == 0)
      found = i;
  if (name != NULL && strcmp(name, "asked") == 0)
    found = -1;
  if (found == -2)
    luaL_error(L, "pymalloc: lab: unknown %s", kinds[kind].field);
  lua_pop(L, 1);
  return found;
}

/* }================================================================== */

static uint64_t read_number(lua_State *L, int index, const char *field,
                            lua_Integer most)
{
  char what[64];
  (void)snprintf(what, sizeof what, "lab: %s", field);
  (void)lua_getfield(L, index, field);
  lua_Integer value = binding_check_integer(L, -1, what, 0, most);
  lua_pop(L, 1);
  return (uint64_t)value;
}

static size_t read_size(lua_State *L, int index, const char *field)
{
  return (size_t)read_number(L, index, field, BINDING_SIZE_MAX);
}

/* Reads the array of a field. Returns its length. */
static size_t read_array(lua_State *L, int index, const char *field,
                         uint32_t numbers[DESIGN_CLASSES_MAX])
{
  (void)lua_getfield(L, index, field);
  luaL_checktype(L, -1, LUA_TTABLE);
  size_t count = (size_t)lua_rawlen(L, -1);
  if (count > DESIGN_CLASSES_MAX)
    luaL_error(L, "pymalloc: lab: %s must have at most %d elements", field,
               (int)DESIGN_CLASSES_MAX);
  for (size_t i = 0; i < count; i++) {
    (void)lua_rawgeti(L, -1, (lua_Integer)i + 1);
    numbers[i] =
        (uint32_t)binding_check_integer(L, -1, "lab: a class", 0, UINT32_MAX);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return count;
}

static void read_policies(lua_State *L, int index, struct design *design)
{
  int found[KINDS];
  for (size_t i = 0; i < KINDS; i++)
    found[i] = read_policy(L, index, i);
  if (found[3] < 0)
    luaL_error(L, "pymalloc: lab: carving has no function");
  design->next_block = found[0] < 0 ? BLOCK_ASKED : (enum next_block)found[0];
  design->next_pool = found[1] < 0 ? POOL_RANKED : (enum next_pool)found[1];
  design->next_arena = found[2] < 0 ? ARENA_RANKED : (enum next_arena)found[2];
  design->carving = (enum carving)found[3];
  design->release = found[4] < 0 ? RELEASE_ASKED : (enum release)found[4];
}

void lab_read_design(lua_State *L, int index, struct design *design)
{
  char why[200];
  luaL_checktype(L, index, LUA_TTABLE);
  *design = (struct design){
      .threshold =
          (size_t)read_number(L, index, "threshold", DESIGN_THRESHOLD_MAX),
      .header_bytes = (uint32_t)read_number(L, index, "header", POOL_BYTES_MAX),
      .arena_bytes = read_size(L, index, "arena_bytes"),
      .arena_offset = read_size(L, index, "arena_offset"),
      .keep = read_number(L, index, "keep", LUA_MAXINTEGER),
      .after = read_number(L, index, "after", LUA_MAXINTEGER),
      .cache_blocks = (uint32_t)read_number(L, index, "cache", 1 << 20),
      .seed = read_number(L, index, "seed", LUA_MAXINTEGER)};
  design->class_count = read_array(L, index, "classes", design->class_bytes);
  if (read_array(L, index, "pool_bytes", design->pool_bytes) !=
      design->class_count)
    luaL_error(L, "pymalloc: lab: pool_bytes must have one element a class");
  read_policies(L, index, design);
  if (!design_check(design, why, sizeof why))
    luaL_error(L, "pymalloc: lab: %s", why);
}
