/*
** The module pymalloc.core, which the Lua module pymalloc loads.
*/
#include "address.h"
#include "analysis.h"
#include "arena.h"
#include "argument.h"
#include "buffer.h"
#include "checked.h"
#include "door.h"
#include "event_table.h"
#include "files.h"
#include "geometry_table.h"
#include "heap.h"
#include "host.h"
#include "json_text.h"
#include "kind.h"
#include "lab.h"
#include "limited.h"
#include "list.h"
#include "loaded.h"
#include "log.h"
#include "measure.h"
#include "measures.h"
#include "oracle.h"
#include "output.h"
#include "pool.h"
#include "process.h"
#include "real.h"
#include "recording.h"
#include "relay.h"
#include "requests.h"
#include "run_type.h"
#include "space.h"
#include "stats.h"
#include "terminal.h"
#include "text.h"
#include "trace_pack.h"
#include "trace_parts.h"
#include "trace_reader.h"
#include "trace_sink.h"
#include "named_table.h"

PYM_API int luaopen_pymalloc_core(lua_State *L);

static const struct binding_door door = {binding_push_heap, binding_check_heap};

/* Pushes the table of the methods of heaps, from the files that have some. */
static void push_heap_methods(lua_State *L)
{
  static const luaL_Reg *const methods[] = {
      binding_address_methods, binding_arena_methods, binding_list_methods,
      binding_stats_methods,   binding_text_methods,  binding_checked_methods};
  binding_open_heap_type(L);
  binding_set_makers(L, &binding_buffer_type, binding_request_methods);
  binding_set_makers(L, &binding_buffer_type, binding_contents_methods);
  for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
    luaL_setfuncs(L, methods[i], 0);
}

/* Sets core.methods: for each type a table of methods; Lua adds more. */
static void set_methods(lua_State *L)
{
  lua_newtable(L);
  push_heap_methods(L);
  lua_setfield(L, -2, "Heap");
  binding_open_buffer_type(L);
  lua_setfield(L, -2, "Buffer");
  binding_open_arena_type(L);
  lua_setfield(L, -2, "Arena");
  binding_open_pool_type(L);
  lua_setfield(L, -2, "Pool");
  binding_open_run_type(L);
  lua_setfield(L, -2, "Run");
  binding_open_loaded_type(L);
  lua_setfield(L, -2, "LoadedTrace");
  lua_setfield(L, -2, "methods");
}

int luaopen_pymalloc_core(lua_State *L)
{
  luaL_checkversion(L);
  lua_pushlightuserdata(L, (void *)&door);
  lua_setfield(L, LUA_REGISTRYINDEX, BINDING_DOOR);
  lua_newtable(L);
  luaL_setfuncs(L, binding_heap_functions, 0);
  luaL_setfuncs(L, binding_host_functions, 0);
  luaL_setfuncs(L, binding_geometry_functions, 0);
  set_methods(L);
  relay_open_type(L);
  binding_set_kind(L);
  binding_set_json(L);
  lua_pushcfunction(L, binding_state);
  lua_setfield(L, -2, "state");
  lua_pushcfunction(L, binding_described);
  lua_setfield(L, -2, "describe");
  named_table_open(L);
  lua_setfield(L, -2, "metatables");
  (void)binding_open_events(L);
  lua_setfield(L, -2, "events");
  (void)binding_open_run(L);
  lua_setfield(L, -2, "run");
  binding_open_measures_type(L);
  (void)binding_open_lab(L);
  lua_setfield(L, -2, "lab");
  (void)binding_open_trace(L);
  binding_set_recording(L);
  binding_set_loaded(L);
  binding_set_measure(L);
  binding_set_space(L);
  binding_set_log(L);
  binding_set_trace_reader(L);
  binding_set_trace_sink(L);
  binding_set_trace_pack(L);
  lua_setfield(L, -2, "trace");
  binding_set_analysis(L);
  binding_set_files(L);
  binding_set_output(L);
  binding_set_process(L);
  binding_set_terminal(L);
  binding_set_limited(L);
  binding_set_real(L);
  binding_set_oracle(L);
  lua_pushliteral(L, "pymalloc " PYM_VERSION);
  lua_setfield(L, -2, "_VERSION");
  return 1;
}
