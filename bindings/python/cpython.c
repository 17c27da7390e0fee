/*
** The Lua module pymalloc.cpython: the object allocator of a real CPython. No
** interpreter is started, so that its first state is that of a new heap.
**
**   cpython.version                     "3.11.2"
**   real = cpython.heap([offset])       the allocator of this process
**
** With an offset, arenas are placed side by side, and each misses the alignment
** of pools by the offset. Without one, they lie where CPython maps them. A
** process has one such allocator, which cannot be reset: a second call is an
** error.
**
**   real:malloc(n) real:calloc(n, size) real:realloc(address, n)
**   real:free(address)                  blocks are addresses; nil: refused
**   real:locate(address)                {arena=, pool=, offset=}, or nil
**   real:arenas() real:arena(slot) real:pool(address)         views
**   real:headers()                      the header of every pool, as text
**   real:debugmallocstats([all])        the report; 'all': the arena map too
**   real:allow_arenas([n])              n more arenas, then none; nil: any
**   real:counts()                       arenas obtained, released, exchanged
**   real.arena_offset                   by which arenas miss the alignment
**
**   cpython.headers(heap, stale)        the same text for a pymalloc.heap
*/
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "cpython.h"

#include "../lua/door.h"

PYM_API int luaopen_pymalloc_cpython(lua_State *L);

/*
** CPython calls it until the process ends, also after the Lua state is closed.
*/
static struct cpython opened;

static bool is_open;

struct cpython *cpython_check(lua_State *L, int index)
{
  (void)luaL_checkudata(L, index, CPYTHON_HEAP);
  return &opened;
}

const struct arenas *cpython_arenas(void)
{
  return &opened.real.arenas;
}

/*
** {==================================================================
** Arguments
** ===================================================================
*/

static size_t check_size(lua_State *L, int index, const char *what)
{
  lua_Integer value = luaL_checkinteger(L, index);
  if (lua_type(L, index) != LUA_TNUMBER || value < 0)
    luaL_error(L, "pymalloc.cpython: %s must be a size, got %s", what,
               luaL_tolstring(L, index, NULL));
  return (size_t)value;
}

/* The entry of the live block at 'index'. Any other value is an error. */
static struct idmap_entry *check_block(lua_State *L, int index)
{
  lua_Integer address = luaL_checkinteger(L, index);
  struct idmap_entry *entry =
      address == 0 ? NULL : idmap_find(&opened.blocks, (uint64_t)address);
  if (entry == NULL)
    luaL_error(L, "pymalloc.cpython: %p is not a live block of this heap",
               (void *)(uintptr_t)address);
  return entry;
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

/* Pushes the address of a new block, or nil. */
static int push_block(lua_State *L, void *address)
{
  if (opened.real.rings == 0)
    real_learn(&opened.real);
  if (address == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  if (!idmap_add(&opened.blocks, (uintptr_t)address, address, 0)) {
    PyObject_Free(address);
    return luaL_error(L, "pymalloc.cpython: no memory");
  }
  lua_pushinteger(L, (lua_Integer)(uintptr_t)address);
  return 1;
}

static int heap_malloc_method(lua_State *L)
{
  (void)cpython_check(L, 1);
  return push_block(L, PyObject_Malloc(check_size(L, 2, "malloc: size")));
}

static int heap_calloc_method(lua_State *L)
{
  (void)cpython_check(L, 1);
  size_t count = check_size(L, 2, "calloc: count");
  return push_block(L,
                    PyObject_Calloc(count, check_size(L, 3, "calloc: size")));
}

static int heap_realloc_method(lua_State *L)
{
  struct cpython *cpython = cpython_check(L, 1);
  size_t bytes = check_size(L, 3, "realloc: size");
  if (lua_isnil(L, 2))
    return push_block(L, PyObject_Realloc(NULL, bytes));
  void *old = check_block(L, 2)->block;
  void *resized = PyObject_Realloc(old, bytes);
  if (resized == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  idmap_remove(&cpython->blocks, idmap_find(&cpython->blocks, (uintptr_t)old));
  return push_block(L, resized);
}

static int heap_free_method(lua_State *L)
{
  struct cpython *cpython = cpython_check(L, 1);
  if (lua_isnil(L, 2)) {
    PyObject_Free(NULL);
    return 0;
  }
  struct idmap_entry *entry = check_block(L, 2);
  void *freed = entry->block;
  idmap_remove(&cpython->blocks, entry);
  PyObject_Free(freed);
  return 0;
}

/* allow_arenas([count]) */
static int heap_allow_arenas(lua_State *L)
{
  struct cpython *cpython = cpython_check(L, 1);
  cpython->real.arenas.allowed = lua_isnoneornil(L, 2)
                                     ? SIZE_MAX
                                     : check_size(L, 2, "allow_arenas: count");
  return 0;
}

/* }================================================================== */

/*
** {==================================================================
** Texts
** ===================================================================
*/

static bool add_text(void *context, const char *text, size_t bytes)
{
  luaL_addlstring(context, text, bytes);
  return true;
}

/* headers(): the text, and the number of headers. */
static int heap_headers(lua_State *L)
{
  struct writer writer;
  luaL_Buffer text;
  const struct cpython *cpython = cpython_check(L, 1);
  luaL_buffinit(L, &text);
  writer_open(&writer, add_text, &text);
  size_t count = real_headers(&cpython->real, &writer);
  (void)writer_close(&writer);
  luaL_pushresult(&text);
  lua_pushinteger(L, (lua_Integer)count);
  return 2;
}

/* debugmallocstats([with the arena map]) */
static int heap_debugmallocstats(lua_State *L)
{
  struct writer writer;
  luaL_Buffer text;
  (void)cpython_check(L, 1);
  bool with_arena_map = lua_toboolean(L, 2);
  luaL_buffinit(L, &text);
  writer_open(&writer, add_text, &text);
  bool is_whole = real_report(&writer, with_arena_map);
  (void)writer_close(&writer);
  luaL_pushresult(&text);
  return is_whole ? 1 : luaL_error(L, "pymalloc.cpython: no memory");
}

/* The C heap of the pymalloc.heap that is argument 1. */
static const pym_heap *check_heap_of_ours(lua_State *L, int index)
{
  lua_getfield(L, LUA_REGISTRYINDEX, BINDING_DOOR);
  const struct binding_door *door = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (door == NULL)
    luaL_error(L, "pymalloc.cpython: require 'pymalloc' has to come first");
  return door->check_heap(L, index);
}

/* cpython.headers(heap, stale): the same for a pymalloc.heap. */
static int headers(lua_State *L)
{
  struct writer writer;
  luaL_Buffer text;
  const pym_heap *heap = check_heap_of_ours(L, 1);
  bool tells_stale = lua_toboolean(L, 2);
  luaL_buffinit(L, &text);
  writer_open(&writer, add_text, &text);
  size_t count = headers_of_heap(&writer, heap, tells_stale);
  (void)writer_close(&writer);
  luaL_pushresult(&text);
  lua_pushinteger(L, (lua_Integer)count);
  return 2;
}

/* }================================================================== */

/*
** {==================================================================
** The heap
** ===================================================================
*/

/* counts(): {obtained=, released=, exchanged=, current=} of arenas */
static int heap_counts(lua_State *L)
{
  const struct arenas *arenas = &cpython_check(L, 1)->real.arenas;
  lua_newtable(L);
  lua_pushinteger(L, (lua_Integer)arenas->obtained);
  lua_setfield(L, -2, "obtained");
  lua_pushinteger(L, (lua_Integer)arenas->released);
  lua_setfield(L, -2, "released");
  lua_pushinteger(L, (lua_Integer)arenas->exchanged);
  lua_setfield(L, -2, "exchanged");
  lua_pushinteger(L, (lua_Integer)arenas->count);
  lua_setfield(L, -2, "current");
  return 1;
}

/* The offset at 'index', or SIZE_MAX if there is none. */
static size_t check_offset(lua_State *L, int index)
{
  if (lua_isnoneornil(L, index))
    return SIZE_MAX;
  size_t offset = check_size(L, index, "heap: offset");
  if (offset >= REAL_POOL_BYTES || offset % 4096 != 0)
    luaL_error(L,
               "pymalloc.cpython: offset must be a multiple of 4096 below "
               "%d, got %I",
               (int)REAL_POOL_BYTES, (LUAI_UACINT)offset);
  return offset;
}

static int heap_open(lua_State *L)
{
  size_t offset = check_offset(L, 1);
  if (is_open)
    return luaL_error(L, "pymalloc.cpython: this process has its heap already, "
                         "and it cannot be reset: start another process");
  (void)lua_newuserdatauv(L, 0, 1);
  luaL_setmetatable(L, CPYTHON_HEAP);
  if (real_figure("# arenas allocated total") != 0)
    return luaL_error(L, "pymalloc.cpython: CPython's allocator was used "
                         "before");
  if (!arenas_open(&opened.real.arenas, REAL_ARENA_BYTES, REAL_POOL_BYTES,
                   offset))
    return luaL_error(L, "pymalloc.cpython: no memory");
  if (!idmap_open(&opened.blocks))
    return luaL_error(L, "pymalloc.cpython: no memory");
  is_open = true;
  return 1;
}

static int heap_index(lua_State *L)
{
  const struct cpython *cpython = cpython_check(L, 1);
  const char *name = luaL_checkstring(L, 2);
  if (strcmp(name, "arena_offset") == 0) {
    lua_pushinteger(L, (lua_Integer)cpython->real.arenas.offset);
    return 1;
  }
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  return 1;
}

static int heap_tostring(lua_State *L)
{
  const struct cpython *cpython = cpython_check(L, 1);
  lua_pushfstring(L, CPYTHON_HEAP " %s with %I arenas", PY_VERSION,
                  (LUAI_UACINT)cpython->real.arenas.count);
  return 1;
}

/* }================================================================== */

static const luaL_Reg methods[] = {{"malloc", heap_malloc_method},
                                   {"calloc", heap_calloc_method},
                                   {"realloc", heap_realloc_method},
                                   {"free", heap_free_method},
                                   {"allow_arenas", heap_allow_arenas},
                                   {"headers", heap_headers},
                                   {"debugmallocstats", heap_debugmallocstats},
                                   {"counts", heap_counts},
                                   {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"heap", heap_open}, {"headers", headers}, {NULL, NULL}};

int luaopen_pymalloc_cpython(lua_State *L)
{
  (void)luaL_newmetatable(L, CPYTHON_HEAP);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  luaL_setfuncs(L, cpython_view_methods, 0);
  lua_pushcclosure(L, heap_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, heap_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, CPYTHON_HEAP);
  lua_setfield(L, -2, "__metatable");
  cpython_open_views(L);
  luaL_newlib(L, functions);
  lua_pushliteral(L, PY_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
