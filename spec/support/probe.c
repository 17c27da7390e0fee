/*
** Functions of the C API that the Lua module does not have in this form.
*/
#include <stdio.h>

#include "faults.h"
#include "pymalloc_inline.h"

/* The size at 'index', of which a negative integer is one near SIZE_MAX. */
static size_t size_at(lua_State *L, int index)
{
  return size_of_number((uint64_t)luaL_checkinteger(L, index));
}

/* A field of the first argument, which is a table; 0 if it has none. */
static size_t size_field(lua_State *L, const char *name)
{
  lua_getfield(L, 1, name);
  size_t value = (size_t)luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  return value;
}

static int geometry_check(lua_State *L)
{
  char why[160];
  pym_geometry geometry = {.alignment = size_field(L, "alignment"),
                           .threshold = size_field(L, "threshold"),
                           .pool_bytes = size_field(L, "pool_bytes"),
                           .arena_bytes = size_field(L, "arena_bytes"),
                           .arena_offset = size_field(L, "arena_offset"),
                           .address_bits =
                               (unsigned)size_field(L, "address_bits"),
                           .release = (pym_release)size_field(L, "release")};
  bool is_valid = pym_geometry_check(&geometry, why, sizeof why);
  if (pym_geometry_check(&geometry, NULL, 0) != is_valid)
    return luaL_error(
        L, "the result depends on whether there is a buffer for the reason");
  lua_pushboolean(L, is_valid);
  if (is_valid)
    return 1;
  lua_pushstring(L, why);
  return 2;
}

static int invariants(lua_State *L)
{
  size_t count;
  const char *const *names = pym_invariants(&count);
  lua_newtable(L);
  for (size_t i = 0; i < count; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* Collects a line for each object that a walk visits. */
struct visit {
  luaL_Buffer reader;
  size_t most; /* the walk ends after this many lines */
  char line[120];
};

static bool add_line(struct visit *visit)
{
  luaL_addstring(&visit->reader, visit->line);
  return --visit->most > 0;
}

static bool visit_arena(void *context, const pym_arena_info *arena)
{
  struct visit *visit = context;
  (void)snprintf(visit->line, sizeof visit->line, "arena %zu %zu/%zu\n",
                 arena->index, arena->nfreepools, arena->ntotalpools);
  return add_line(visit);
}

static bool visit_pool(void *context, const pym_pool_info *pool)
{
  static const char *const states[] = {"empty", "used", "full"};
  struct visit *visit = context;
  (void)snprintf(visit->line, sizeof visit->line,
                 "pool %zu:%zu %s szidx=%zu size=%zu %zu/%zu\n", pool->arena,
                 pool->offset, states[pool->state], pool->szidx,
                 pool->block_bytes, pool->live, pool->capacity);
  return add_line(visit);
}

static bool visit_block(void *context, const pym_pool_info *pool,
                        const pym_block_info *found)
{
  static const char *const states[] = {"live", "free", "virgin", "cached"};
  struct visit *visit = context;
  (void)snprintf(visit->line, sizeof visit->line, "block %zu:%zu:%zu %s\n",
                 pool->arena, pool->offset, found->offset,
                 states[found->state]);
  return add_line(visit);
}

/* Returns the lines, and whether the walk visited the whole heap. */
static int walk(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  struct visit visit = {.most = (size_t)luaL_optinteger(L, 2, 0)};
  pym_visitor visitor = {.context = &visit,
                         .arena = visit_arena,
                         .pool = visit_pool,
                         .block = visit_block};
  luaL_buffinit(L, &visit.reader);
  bool is_whole = pym_walk(heap, &visitor);
  luaL_pushresult(&visit.reader);
  lua_pushboolean(L, is_whole);
  return 2;
}

static void set_number(lua_State *L, const char *name, size_t number)
{
  lua_pushinteger(L, (lua_Integer)number);
  lua_setfield(L, -2, name);
}

/* A field that is nil for NULL. */
static void set_address(lua_State *L, const char *name, const void *address)
{
  if (address != NULL)
    set_number(L, name, (uintptr_t)address);
}

static void set_slot(lua_State *L, const char *name, size_t slot)
{
  if (slot != PYM_NO_SLOT)
    set_number(L, name, slot);
}

/* Appends the table on top of the stack to the table below it. */
static bool append(lua_State *L)
{
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  return true;
}

static bool append_arena(void *context, const pym_arena_info *arena)
{
  lua_State *L = context;
  lua_newtable(L);
  set_number(L, "index", arena->index);
  set_address(L, "address", arena->address);
  set_address(L, "pool_address", arena->pool_address);
  set_number(L, "nfreepools", arena->nfreepools);
  set_number(L, "ntotalpools", arena->ntotalpools);
  set_address(L, "freepools", arena->freepools);
  set_slot(L, "nextarena", arena->nextarena);
  set_slot(L, "prevarena", arena->prevarena);
  set_number(L, "serial", arena->serial);
  return append(L);
}

static bool append_pool(void *context, const pym_pool_info *pool)
{
  lua_State *L = context;
  lua_newtable(L);
  set_number(L, "arena", pool->arena);
  set_number(L, "offset", pool->offset);
  set_address(L, "address", pool->address);
  set_number(L, "szidx", pool->szidx);
  set_number(L, "size", pool->block_bytes);
  set_number(L, "capacity", pool->capacity);
  set_number(L, "ref_count", pool->live);
  set_address(L, "freeblock", pool->freeblock);
  set_address(L, "nextpool", pool->nextpool);
  set_address(L, "prevpool", pool->prevpool);
  set_address(L, "next", pool->next);
  set_address(L, "prev", pool->prev);
  set_number(L, "arenaindex", pool->arenaindex);
  set_number(L, "nextoffset", pool->nextoffset);
  set_number(L, "maxnextoffset", pool->maxnextoffset);
  return append(L);
}

/* Two arrays: the arenas and the pools of a walk, with the fields of views. */
static int walked(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  const pym_visitor arenas = {.context = L, .arena = append_arena};
  const pym_visitor pools = {.context = L, .pool = append_pool};
  lua_newtable(L);
  (void)pym_walk(heap, &arenas);
  lua_newtable(L);
  (void)pym_walk(heap, &pools);
  return 2;
}

static int usable_size(lua_State *L)
{
  const pym_heap *heap = faults_check_heap(L);
  const void *at = (const void *)(uintptr_t)luaL_checkinteger(L, 2);
  lua_pushinteger(L, (lua_Integer)pym_usable_size(heap, at));
  return 1;
}

/*
** {==================================================================
** Requests without a buffer: blocks are addresses
** ===================================================================
*/

static int push_block(lua_State *L, const void *taken)
{
  if (taken == NULL)
    lua_pushnil(L);
  else
    lua_pushinteger(L, (lua_Integer)(uintptr_t)taken);
  return 1;
}

/* The block whose address is an argument; NULL for nil. */
static void *opt_block(lua_State *L, int argument)
{
  return (void *)(uintptr_t)luaL_optinteger(L, argument, 0);
}

static int take(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  return push_block(L, pym_malloc(heap, size_at(L, 2)));
}

static int take_zeros(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  return push_block(L, pym_calloc(heap, size_at(L, 2), size_at(L, 3)));
}

static int free_sized(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  pym_free_sized(heap, opt_block(L, 2), size_at(L, 3));
  return 0;
}

/* Frees the blocks of a list of addresses, in order. */
static int free_all(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  lua_Integer count = luaL_len(L, 2);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, i);
    pym_free(heap, opt_block(L, -1));
    lua_pop(L, 1);
  }
  return 0;
}

/* malloc, free and free_sized by the inline functions of pymalloc_inline.h. */
static int take_inline(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  return push_block(L, pym_malloc_inline(heap, size_at(L, 2)));
}

static int free_inline(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  pym_free_inline(heap, opt_block(L, 2));
  return 0;
}

static int free_sized_inline(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  pym_free_sized_inline(heap, opt_block(L, 2), size_at(L, 3));
  return 0;
}

static int free_one(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  pym_free(heap, opt_block(L, 2));
  return 0;
}

static int lua_alloc(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  return push_block(
      L, pym_lua_alloc(heap, opt_block(L, 2), size_at(L, 3), size_at(L, 4)));
}

/* }================================================================== */

/*
** map_nodes(heap, base, count): returns the numbers of middle and bottom nodes
** of the arena map for a region that begins at 'base' and has used 'count'
** slots.
*/
static int map_nodes(lua_State *L)
{
  pym_stats stats;
  pym_heap *heap = faults_check_heap(L);
  struct region *region = &heap->region, was = *region;
  region->base = (uintptr_t)luaL_checkinteger(L, 2);
  region->touched_count = size_at(L, 3);
  pym_heap_stats(heap, &stats, NULL);
  *region = was;
  lua_pushinteger(L, (lua_Integer)stats.map_mid_nodes);
  lua_pushinteger(L, (lua_Integer)stats.map_bot_nodes);
  return 2;
}

/* trim(heap, bytes): region_trim; returns the bytes given to the system. */
static int trim(lua_State *L)
{
  pym_heap *heap = faults_check_heap(L);
  size_t bytes = size_at(L, 2);
  lua_pushinteger(L, (lua_Integer)region_trim(&heap->region, bytes));
  return 1;
}

const luaL_Reg faults_probes[] = {{"geometry_check", geometry_check},
                                  {"invariants", invariants},
                                  {"walk", walk},
                                  {"walked", walked},
                                  {"usable_size", usable_size},
                                  {"malloc", take},
                                  {"calloc", take_zeros},
                                  {"free_sized", free_sized},
                                  {"free_all", free_all},
                                  {"free", free_one},
                                  {"malloc_inline", take_inline},
                                  {"free_inline", free_inline},
                                  {"free_sized_inline", free_sized_inline},
                                  {"lua_alloc", lua_alloc},
                                  {"map_nodes", map_nodes},
                                  {"trim", trim},
                                  {NULL, NULL}};
