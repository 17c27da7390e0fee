/*
** pymalloc.Run: a trace that can be moved to any request. C moves and finds;
** what a person calls (continue, reverse, last_write) is made of it in
** pymalloc/run.lua.
*/
#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "event_table.h"
#include "run.h"

#define WHY_BYTES 600

struct run_object {
  uint64_t magic;
  struct run *run;           /* NULL: closed */
  struct binding_heap *heap; /* one reference; its object is the user value */
};

static const struct binding_type run_type = {
    "pymalloc.Run", UINT64_C(0x5275a91e4c03d7b8), sizeof(struct run_object)};

/*
** {==================================================================
** Life
** ===================================================================
*/

static struct run *check_run(lua_State *L)
{
  const struct run_object *object = binding_check(L, 1, &run_type);
  if (object->run == NULL)
    luaL_error(L, "pymalloc: the run is closed");
  return object->run;
}

static void close_run(struct run_object *object)
{
  struct run *run = object->run;
  struct binding_heap *heap = object->heap;
  object->run = NULL;
  object->heap = NULL;
  if (heap != NULL)
    binding_end_borrowed(heap);
  run_close(run);
}

static int run_gc(lua_State *L)
{
  struct run_object *object = binding_test(L, 1, &run_type);
  if (object != NULL)
    close_run(object);
  return 0;
}

/***
** run:close(): ends the run, and its heap.
** @usage
** run:close()
** run --> pymalloc.Run closed
*/
static int run_close_method(lua_State *L)
{
  close_run(binding_check(L, 1, &run_type));
  return 0;
}

static int fail(lua_State *L, const char *message, const char *kind)
{
  luaL_pushfail(L);
  lua_pushstring(L, message);
  lua_pushstring(L, kind);
  return 3;
}

/* Opens the trace and reads it; nothing of Lua is called in between. */
static struct run *read_run(const char *source, size_t bytes, bool is_text,
                            const pym_options *options, char *why)
{
  struct trace *trace = is_text ? trace_open_text(source, bytes, "text")
                                : trace_open(source, why, WHY_BYTES);
  if (trace == NULL)
    return NULL;
  struct run *run = run_open(trace, options, why, WHY_BYTES);
  trace_close(trace);
  return run;
}

/* What stands above a heap is not in a checkpoint. */
static void refuse_layers(lua_State *L, const pym_options *options)
{
  if (options->checked || options->debug != PYM_DEBUG_OFF ||
      options->cache_bytes != 0 || options->cache_blocks != 0)
    luaL_error(L, "pymalloc: replay: the heap of a run is exact: debug, "
                  "checked, cache_bytes and cache_blocks are not allowed");
}

/* run.open(path or text, is_text, options): a run; or nil, message, "trace" */
static int run_new(lua_State *L)
{
  char why[WHY_BYTES] = "not enough memory";
  pym_options options;
  const char *profile;
  size_t bytes;
  const char *source = luaL_checklstring(L, 1, &bytes);
  bool is_text = lua_toboolean(L, 2);
  if (!is_text && strlen(source) != bytes)
    return luaL_error(L, "pymalloc: replay: a path holds no zero byte");
  binding_read_options(L, 3, &options, &profile);
  refuse_layers(L, &options);
  struct run_object *object = binding_new(L, &run_type);
  object->run = read_run(source, bytes, is_text, &options, why);
  if (object->run == NULL)
    return fail(L, why, "trace");
  struct binding_heap *heap =
      binding_push_borrowed(L, object->run->heap, profile);
  if (heap == NULL)
    return fail(L, "not enough memory", "ENOMEM");
  object->heap = heap;
  (void)lua_setiuservalue(L, -2, 1);
  return 1;
}

/* }================================================================== */

/*
** {==================================================================
** Movement and searches
** ===================================================================
*/

static uint64_t check_time(lua_State *L, const struct run *run, int index,
                           const char *what)
{
  return (uint64_t)binding_check_integer(L, index, what, 0,
                                         (lua_Integer)run_length(run));
}

/***
** run:seek(op): moves to the state after a request, forwards or backwards.
** @tparam integer op from 0, the beginning, to run.length
** @treturn pymalloc.Run itself; or nil and why a request cannot be run
** @usage run:seek(3).op --> 3
*/
static int seek(lua_State *L)
{
  struct run *run = check_run(L);
  if (!run_seek(run, check_time(L, run, 2, "run:seek: op")))
    return fail(L, run->error, "trace");
  lua_settop(L, 1);
  return 1;
}

/* Reads kinds at index 2 and a class or nil at index 3. */
static struct run_wanted check_wanted(lua_State *L)
{
  struct run_wanted wanted = {.szidx = EVENT_NOWHERE,
                              .field = EVENT_FIELD_COUNT};
  wanted.kinds = event_check_kinds(L, 2, "run: kinds");
  if (!lua_isnoneornil(L, 3))
    wanted.szidx = binding_check_size(L, 3, "run: class");
  return wanted;
}

/* run.forward(run, kinds [, class]): is there such a request ahead? */
static int forward(lua_State *L)
{
  struct run *run = check_run(L);
  struct run_wanted wanted = check_wanted(L);
  lua_pushboolean(L, run_forward(run, &wanted));
  return 1;
}

/* run.backward(run, kinds [, class]) */
static int backward(lua_State *L)
{
  struct run *run = check_run(L);
  struct run_wanted wanted = check_wanted(L);
  lua_pushboolean(L, run_backward(run, &wanted));
  return 1;
}

/* The place of a pool or block from slot, pool and block at 'index' on. */
static uint64_t check_place(lua_State *L, const pym_geometry *geometry,
                            int index, bool has_offset)
{
  uint64_t slot = binding_check_size(L, index, "run: arena");
  uint64_t pool = binding_check_size(L, index + 1, "run: pool");
  uint64_t offset =
      has_offset ? binding_check_size(L, index + 2, "run: block") : 0;
  return slot * geometry->arena_bytes + geometry_first_pool(geometry) + pool +
         offset;
}

static uint64_t check_where(lua_State *L, const struct run *run,
                            enum event_record record, int index)
{
  switch (record) {
  case EVENT_OF_HEAP:
    return 0;
  case EVENT_OF_ARENA:
  case EVENT_OF_GROUP:
  case EVENT_OF_CLASS:
    return binding_check_size(L, index, "run: number");
  case EVENT_OF_POOL:
  case EVENT_OF_BLOCK:
    return check_place(L, &run->heap->geometry, index,
                       record == EVENT_OF_BLOCK);
  case EVENT_RECORD_COUNT:
    break;
  }
  return 0;
}

static enum event_record check_record(lua_State *L, int index)
{
  const char *name = luaL_checkstring(L, index);
  for (unsigned i = 0; i < EVENT_RECORD_COUNT; i++)
    if (strcmp(event_record_name((enum event_record)i), name) == 0)
      return (enum event_record)i;
  luaL_error(L, "pymalloc: nothing is called %s", name);
  return EVENT_RECORD_COUNT;
}

/*
** run.last(run, record, field, where...): the last event that wrote the field,
** or nil.
*/
static int last(lua_State *L)
{
  struct event found;
  struct run *run = check_run(L);
  enum event_record record = check_record(L, 2);
  const char *name = luaL_checkstring(L, 3);
  struct run_wanted wanted = {.kinds = EVENT_ALL,
                              .szidx = EVENT_NOWHERE,
                              .field = event_field_of(record, name)};
  if (wanted.field == EVENT_FIELD_COUNT)
    return luaL_error(L, "pymalloc: run:last_write: %s has no field %s",
                      event_record_name(record), name);
  wanted.where = check_where(L, run, record, 4);
  pym_geometry geometry = run->heap->geometry;
  if (run_last(run, &wanted, &found))
    event_push(L, &found, &geometry);
  else
    luaL_pushfail(L);
  return 1;
}

/* run.mark_before(run, op): from there on the way is shortest. */
static int mark_before(lua_State *L)
{
  const struct run *run = check_run(L);
  uint64_t at = check_time(L, run, 2, "run: op");
  lua_pushinteger(L, (lua_Integer)run_mark_before(run, at));
  return 1;
}

/* }================================================================== */

/*
** {==================================================================
** What there is to see
** ===================================================================
*/

/* Pushes the events as an array, those that 'events' has at each look. */
static void push_events(lua_State *L, const struct run_events *events,
                        const pym_geometry *geometry)
{
  lua_newtable(L);
  for (size_t i = 0; i < events->count; i++) {
    struct event event = events->items[i];
    event_push(L, &event, geometry);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* run.events(run): of the request just done, details too. */
static int events(lua_State *L)
{
  struct run *run = check_run(L);
  pym_geometry geometry = run->heap->geometry;
  lua_settop(L, 1);
  lua_newtable(L);
  for (size_t i = 0; i < check_run(L)->events.count; i++) {
    struct event event = check_run(L)->events.items[i];
    event_push(L, &event, &geometry);
    lua_rawseti(L, 2, (lua_Integer)i + 1);
  }
  return 1;
}

static void set_integer(lua_State *L, const char *name, uint64_t value)
{
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

/* {id =, size =, request =, address =, arena =, pool =, block =} */
static int push_live(lua_State *L, const struct run *run,
                     const struct run_live *live)
{
  pym_location location;
  if (live == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  struct run_live found = *live;
  struct request request = *run_request_of(run, live);
  bool is_small = pym_locate(run->heap, found.block, &location);
  lua_createtable(L, 0, 7);
  set_integer(L, "id", request.id);
  set_integer(L, "size", request.bytes);
  set_integer(L, "request", found.request);
  if (!is_small)
    return 1;
  set_integer(L, "address", (uintptr_t)found.block);
  set_integer(L, "arena", location.arena);
  set_integer(L, "pool", location.pool);
  set_integer(L, "block", location.offset);
  return 1;
}

/* run.find_id(run, id): its live block, or nil. */
static int find_id(lua_State *L)
{
  const struct run *run = check_run(L);
  uint64_t id =
      (uint64_t)binding_check_integer(L, 2, "run:block: id", 1, LUA_MAXINTEGER);
  return push_live(L, run, run_find_id(run, id));
}

/* run.find_block(run, address): the live block that begins there, or nil. */
static int find_block(lua_State *L)
{
  const struct run *run = check_run(L);
  const void *address = binding_check_address(L, 2, "run:where: address");
  return push_live(L, run,
                   heap_owns(run->heap, address) ? run_find_block(run, address)
                                                 : NULL);
}

/* run.what_if_free(run, id): the events, or nil where the id is not live. */
static int what_if_free(lua_State *L)
{
  struct run_events caused;
  struct run *run = check_run(L);
  uint64_t id = (uint64_t)binding_check_integer(L, 2, "run:what_if_free: id", 1,
                                                LUA_MAXINTEGER);
  const struct run_live *live = run_find_id(run, id);
  if (live == NULL)
    return fail(L, "pymalloc: run:what_if_free: the id is not live", "id");
  pym_geometry geometry = run->heap->geometry;
  /* kept where the collector finds it if the making of tables fails */
  struct event *kept = NULL;
  size_t count = 0;
  if (run_what_if_free(run, live->block, &caused)) {
    count = caused.count;
    kept = lua_newuserdatauv(L, (count + 1) * sizeof *kept, 0);
  }
  if (kept != NULL && count > 0)
    memcpy(kept, caused.items, count * sizeof *kept);
  run_events_close(&caused);
  if (kept == NULL)
    return fail(L, "not enough memory", "ENOMEM");
  caused = (struct run_events){.items = kept, .count = count};
  push_events(L, &caused, &geometry);
  return 1;
}

/***
** run:request([number]): a request of the trace.
** @tparam[opt] integer number the one just done, unless told
** @treturn table number, op ("malloc", "calloc", "realloc", "free"), id, size;
** nil at the beginning
** @usage run:request(2) --> { id = 2, number = 2, op = "malloc", size = 40 }
*/
static int request_at(lua_State *L)
{
  static const char *const names[] = {"malloc", "calloc", "realloc", "free"};
  static const char letters[] = "acrf";
  const struct run *run = check_run(L);
  uint64_t number = run->at;
  if (!lua_isnoneornil(L, 2))
    number = (uint64_t)binding_check_integer(L, 2, "run:request: number", 1,
                                             (lua_Integer)run_length(run));
  if (number == 0) {
    luaL_pushfail(L);
    return 1;
  }
  struct request request = run->requests.items[number - 1];
  lua_createtable(L, 0, 4);
  set_integer(L, "number", number);
  lua_pushstring(L, names[strchr(letters, request.letter) - letters]);
  lua_setfield(L, -2, "op");
  set_integer(L, "id", request.id);
  if (request.letter != 'f')
    set_integer(L, "size", request.bytes);
  return 1;
}

/* heap:hash(): the state as 16 hexadecimal digits. */
static int hash(lua_State *L)
{
  char digits[20];
  uint64_t value = digest_of(binding_check_heap(L, 1));
  lua_Unsigned high = value >> 32, low = value & UINT32_MAX;
  (void)snprintf(digits, sizeof digits, "%08llx%08llx", high, low);
  lua_pushstring(L, digits);
  return 1;
}

/* }================================================================== */

static int run_index(lua_State *L)
{
  const char *name = binding_to_word(L, 2);
  if (name == NULL)
    return binding_push_method(L, &run_type);
  if (strcmp(name, "op") == 0) {
    lua_pushinteger(L, (lua_Integer)check_run(L)->at);
    return 1;
  }
  if (strcmp(name, "length") == 0) {
    lua_pushinteger(L, (lua_Integer)run_length(check_run(L)));
    return 1;
  }
  if (strcmp(name, "heap") == 0) {
    (void)check_run(L);
    (void)lua_getiuservalue(L, 1, 1);
    return 1;
  }
  return binding_push_method(L, &run_type);
}

static int run_tostring(lua_State *L)
{
  const struct run_object *object = binding_check(L, 1, &run_type);
  if (object->run == NULL)
    lua_pushliteral(L, "pymalloc.Run closed");
  else
    lua_pushfstring(L, "pymalloc.Run at %I of %I requests",
                    (LUAI_UACINT)object->run->at,
                    (LUAI_UACINT)run_length(object->run));
  return 1;
}

static const luaL_Reg metamethods[] = {{"__index", run_index},
                                       {"__tostring", run_tostring},
                                       {"__gc", run_gc},
                                       {"__close", run_close_method},
                                       {NULL, NULL}};

static const luaL_Reg methods[] = {{"seek", seek},
                                   {"request", request_at},
                                   {"close", run_close_method},
                                   {NULL, NULL}};

static const luaL_Reg functions[] = {{"open", run_new},
                                     {"forward", forward},
                                     {"backward", backward},
                                     {"last", last},
                                     {"mark_before", mark_before},
                                     {"events", events},
                                     {"find_id", find_id},
                                     {"find_block", find_block},
                                     {"what_if_free", what_if_free},
                                     {"hash", hash},
                                     {NULL, NULL}};

void binding_open_run_type(lua_State *L)
{
  binding_new_type(L, &run_type, metamethods);
  luaL_setfuncs(L, methods, 0);
}

int binding_open_run(lua_State *L)
{
  luaL_newlib(L, functions);
  return 1;
}
