/*
** pymalloc.Heap: the userdata, and the methods of the heap as a whole. Other
** files have more methods of it; module.c adds them.
*/
#include <string.h>

#include "heap.h"
#include "argument.h"
#include "geometry_name.h"
#include "geometry_table.h"
#include "misuse.h"
#include "options.h"

/* The bytes of which the collector is told for each new heap. */
#define HEAP_ANNOUNCED_BYTES ((size_t)1 << 20)

/* A heap of fewer bytes of addresses is not made before garbage is collected. */
#define ENOUGH_BYTES ((size_t)256 << 20)

const struct binding_type binding_heap_type = {
    "pymalloc.Heap", UINT64_C(0x70616548e1c9a35f), sizeof(struct heap_object)};

/*
** {==================================================================
** Life
** ===================================================================
*/

struct binding_heap *binding_borrow(lua_State *L, int index, pym_heap *core,
                                    const char *profile)
{
  struct heap_object *object = binding_check(L, index, &binding_heap_type);
  if (object->heap != NULL)
    luaL_error(L, "pymalloc: the new heap is gone");
  object->heap = heap_record_borrow(core, profile);
  return object->heap;
}

static int refuse_geometry(lua_State *L, const pym_geometry *geometry)
{
  char why[160];
  (void)pym_geometry_check(geometry, why, sizeof why);
  return luaL_error(L, "pymalloc: %s", why);
}

/* Did the system grant so few addresses that raw may have to serve? */
static bool is_short(const struct binding_heap *heap)
{
  const struct region *region = &heap->core->region;
  return region->is_short &&
         region->slot_count * region->slot_bytes < ENOUGH_BYTES;
}

/*
** Makes a heap. Heaps that are garbage keep their addresses until the collector
** finds them: so where memory or addresses are short, garbage is collected, and
** the heap is made again. NULL: there is no memory.
*/
static struct binding_heap *make(lua_State *L, const pym_options *options,
                                 const char *profile)
{
  struct binding_heap *heap = heap_record_new(options, profile);
  if ((heap != NULL && !is_short(heap)) || lua_gc(L, LUA_GCISRUNNING) <= 0)
    return heap;
  if (heap != NULL) {
    heap_record_close(heap);
    binding_release_heap(heap);
  }
  (void)lua_gc(L, LUA_GCCOLLECT);
  return heap_record_new(options, profile);
}

/* Says that the heap has no arenas because the system grants no addresses. */
static void warn_without_arenas(lua_State *L, const struct binding_heap *heap)
{
  const struct region *region = &heap->core->region;
  if (region->is_short && region->slot_count == 0)
    lua_warning(L,
                "pymalloc: the system grants addresses for no arena: raw "
                "serves every request",
                0);
}

int binding_push_heap(lua_State *L, const pym_options *options,
                      const char *profile)
{
  if (!pym_geometry_check(&options->geometry, NULL, 0))
    return refuse_geometry(L, &options->geometry);
  struct heap_object *object = binding_new(L, &binding_heap_type);
  object->heap = make(L, options, profile);
  if (object->heap == NULL) {
    luaL_pushfail(L);
    lua_pushliteral(L, "pymalloc: no memory for a heap");
    lua_pushliteral(L, "ENOMEM");
    return 3;
  }
  binding_announce(L, object->heap, HEAP_ANNOUNCED_BYTES);
  warn_without_arenas(L, object->heap);
  return 1;
}

/***
** pymalloc.heap([options]): a new heap. Without options it has the geometry of
** CPython 3.6.
** @tparam[opt] pymalloc.Options options an unknown option, and a geometry that
** no heap can have, raises an error that says which values are allowed
** @treturn pymalloc.Heap or nil, a message and "ENOMEM". The heap is closed by
** heap:close(), at the end of a variable with <close>, or when it is
** garbage.
** @usage
** local heap <close> = pymalloc.heap { profile = "3.11", max_arenas = 100 }
** heap.geometry.arena_bytes --> 1048576
*/
static int heap_new(lua_State *L)
{
  pym_options options;
  const char *profile;
  binding_read_options(L, 1, &options, &profile);
  return binding_push_heap(L, &options, profile);
}

static void check_not_hosting(lua_State *L, const struct binding_heap *heap)
{
  if (heap->is_hosting)
    luaL_error(L,
               "pymalloc: this Lua state is hosted on the heap, which closes "
               "with it");
}

/*
** For __gc. A script may call it too: the heap is then closed. The heap on
** which the Lua state is hosted stays open until the state ends.
*/
static int heap_gc(lua_State *L)
{
  struct heap_object *object = binding_test(L, 1, &binding_heap_type);
  if (object == NULL || object->heap == NULL || object->heap->is_hosting)
    return 0;
  struct binding_heap *heap = object->heap;
  object->heap = NULL;
  heap_record_close(heap);
  binding_warn_misuse(L, heap);
  binding_release_heap(heap);
  return 0;
}

static int heap_close_variable(lua_State *L)
{
  struct heap_object *object = binding_check(L, 1, &binding_heap_type);
  if (object->heap == NULL)
    return 0;
  check_not_hosting(L, object->heap);
  heap_record_close(object->heap);
  binding_raise_misuse(L, object->heap);
  return 0;
}

/***
** heap:close(): frees all memory of the heap. Any later use of the heap, of
** its buffers or of its views raises an error. With debug hooks, damage found
** in this last check is raised as an error after that.
** @usage
** local other = pymalloc.heap()
** other:close()
** other --> pymalloc.Heap closed
*/
static int heap_close(lua_State *L)
{
  struct binding_heap *heap = binding_open_heap(L, 1);
  binding_check_own(L, heap);
  check_not_hosting(L, heap);
  heap_record_close(heap);
  binding_raise_misuse(L, heap);
  return 0;
}

/* }================================================================== */

/*
** {==================================================================
** Finding the heap of a value
** ===================================================================
*/

struct binding_heap *binding_record(lua_State *L, int index)
{
  const struct heap_object *object = binding_test(L, index, &binding_heap_type);
  return object == NULL ? NULL : object->heap;
}

struct binding_heap *binding_test_heap(lua_State *L, int index)
{
  struct binding_heap *heap = binding_record(L, index);
  return heap != NULL && heap->core != NULL ? heap : NULL;
}

int heap_refuse_closed(lua_State *L)
{
  return luaL_error(L, "pymalloc: the heap is closed");
}

pym_heap *binding_check_heap(lua_State *L, int index)
{
  return binding_open_heap(L, index)->core;
}

static int heap_tostring(lua_State *L)
{
  (void)binding_check(L, 1, &binding_heap_type);
  const struct binding_heap *heap = binding_test_heap(L, 1);
  if (heap == NULL) {
    lua_pushliteral(L, "pymalloc.Heap closed");
    return 1;
  }
  char name[GEOMETRY_NAME_BYTES];
  size_t arenas = heap->core->narenas_currently_allocated;
  geometry_name_write(name, heap->profile, &heap->geometry);
  lua_pushfstring(L, "pymalloc.Heap %s with %I arena%s", name,
                  (LUAI_UACINT)arenas, arenas == 1 ? "" : "s");
  return 1;
}

/***
** pymalloc.Heap: an allocator with its own state. One thread at a time may use
** it. When it is closed or garbage, all of its blocks are freed. A heap, a run
** or an iterator of a trace that a finalizer makes while lua_close ends the
** Lua state, and that is not closed there, is leaked: Lua finalizes no object
** made then.
** @tfield pymalloc.Geometry geometry read-only
*/

/* heap.geometry: made at the first access and kept as the user value. */
static int push_geometry(lua_State *L)
{
  const struct heap_object *object = binding_check(L, 1, &binding_heap_type);
  if (lua_getiuservalue(L, 1, 1) == LUA_TTABLE || object->heap == NULL)
    return 1;
  pym_geometry geometry = object->heap->geometry;
  binding_push_geometry(L, object->heap->profile, &geometry);
  if (binding_test(L, 1, &binding_heap_type) == NULL)
    return 1;
  lua_pushvalue(L, -1);
  (void)lua_setiuservalue(L, 1, 1);
  return 1;
}

/* A method checks its heap itself, so it is found without a check. */
static int heap_index(lua_State *L)
{
  if (likely(binding_find_method(L)))
    return 1;
  (void)binding_check(L, 1, &binding_heap_type);
  const char *name = binding_to_word(L, 2);
  if (name != NULL && strcmp(name, "geometry") == 0)
    return push_geometry(L);
  return binding_push_method(L, &binding_heap_type);
}

/* }================================================================== */

/*
** {==================================================================
** Methods
** ===================================================================
*/

/***
** heap:size_class(size): the size class that serves a request.
** @tparam integer size bytes
** @treturn integer szidx, counted from 0; nil for a request that goes to raw
** @treturn integer size of the blocks of this class
** @usage
** heap:size_class(24) --> 2 24
** heap:size_class(513) --> nil
*/
static int heap_size_class(lua_State *L)
{
  const pym_heap *heap = binding_check_heap(L, 1);
  size_t request = binding_check_size(L, 2, "heap:size_class: size");
  ptrdiff_t szidx = pym_class_of(&heap->geometry, request);
  if (szidx < 0) {
    luaL_pushfail(L);
    return 1;
  }
  lua_pushinteger(L, szidx);
  lua_pushinteger(L,
                  (lua_Integer)pym_class_bytes(&heap->geometry, (size_t)szidx));
  return 2;
}

/***
** heap:check(): checks every invariant. A broken one raises an error with its
** name and the place where it was found.
** @treturn boolean true
** @usage heap:check() --> true
*/
static int heap_check(lua_State *L)
{
  pym_fault fault;
  if (!pym_check(binding_check_heap(L, 1), &fault))
    return luaL_error(L, "pymalloc: %s: %s", fault.invariant, fault.text);
  lua_pushboolean(L, true);
  return 1;
}

/***
** heap:trim(): gives the pages of released arenas, which are retained for
** later arenas, back to the system.
** @treturn integer bytes given back
** @usage heap:trim() --> 0
*/
static int heap_trim(lua_State *L)
{
  struct binding_heap *heap = binding_open_heap(L, 1);
  binding_check_own(L, heap);
  lua_pushinteger(L, (lua_Integer)pym_heap_trim(heap->core));
  return 1;
}

/***
** heap:allow_arenas([count]): lets the heap obtain count more arenas; after
** that, it behaves as if the system had no memory for arenas. Without count
** there is no limit.
** @tparam[opt] integer count
** @usage
** heap:allow_arenas(0)
** pymalloc.heap():allow_arenas()
*/
static int heap_allow_arenas(lua_State *L)
{
  pym_heap *heap = binding_check_heap(L, 1);
  size_t count = SIZE_MAX;
  binding_check_own(L, binding_open_heap(L, 1));
  if (!lua_isnoneornil(L, 2))
    count = binding_check_size(L, 2, "heap:allow_arenas: count");
  pym_heap_allow_arenas(heap, count);
  return 0;
}

/* }================================================================== */

static const luaL_Reg functions[] = {{"__index", heap_index},
                                     {"__tostring", heap_tostring},
                                     {"__gc", heap_gc},
                                     {"__close", heap_close_variable},
                                     {NULL, NULL}};

static const luaL_Reg methods[] = {{"close", heap_close},
                                   {"size_class", heap_size_class},
                                   {"check", heap_check},
                                   {"trim", heap_trim},
                                   {"allow_arenas", heap_allow_arenas},
                                   {NULL, NULL}};

const luaL_Reg binding_heap_functions[] = {{"heap", heap_new}, {NULL, NULL}};

void binding_open_heap_type(lua_State *L)
{
  binding_new_type(L, &binding_heap_type, functions);
  luaL_setfuncs(L, methods, 0);
}
