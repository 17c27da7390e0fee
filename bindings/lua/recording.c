#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** trace.record_state: records the requests of this Lua state while a function
** runs.
*/
#include <stdio.h>
#include <stdlib.h>

#include "recording.h"
#include "type.h"
#include "trace_writer.h"

struct state_record {
  struct trace_writer writer;
  lua_Alloc below;
  void *below_context;
  char *text;
  size_t text_bytes;
  bool is_on;
};

static const struct binding_type record_type = {
    "pymalloc.Recording", UINT64_C(0x7ec0edb19c52a863),
    sizeof(uint64_t) + sizeof(struct state_record)};

static void note_alloc(struct trace_writer *writer, const void *old,
                       size_t bytes, const void *served)
{
  if (served != NULL && old == NULL)
    trace_put_malloc(writer, (uintptr_t)served, bytes);
  else if (served != NULL)
    trace_put_realloc(writer, trace_take_id(writer, (uintptr_t)old),
                      (uintptr_t)served, bytes);
}

static void *recording_alloc(void *context, void *old, size_t old_bytes,
                             size_t bytes)
{
  struct state_record *record = context;
  if (bytes == 0 && old != NULL)
    trace_put_free(&record->writer, (uintptr_t)old);
  void *served = record->below(record->below_context, old, old_bytes, bytes);
  if (bytes != 0)
    note_alloc(&record->writer, old, bytes, served);
  return served;
}

bool binding_is_recording(lua_State *L)
{
  void *context;
  return lua_getallocf(L, &context) == recording_alloc;
}

static void stop(lua_State *L, struct state_record *record)
{
  if (!record->is_on)
    return;
  record->is_on = false;
  lua_setallocf(L, record->below, record->below_context);
  record->writer.has_failed |= fclose(record->writer.file) != 0;
  idmap_close(&record->writer.ids);
}

static struct state_record *record_of(void *object)
{
  return (struct state_record *)(void *)((char *)object + sizeof(uint64_t));
}

static int record_gc(lua_State *L)
{
  void *object = binding_test(L, 1, &record_type);
  if (object == NULL)
    return 0;
  stop(L, record_of(object));
  free(record_of(object)->text);
  record_of(object)->text = NULL;
  return 0;
}

static bool start(lua_State *L, struct state_record *record)
{
  record->below = lua_getallocf(L, &record->below_context);
  record->writer.next_id = 1;
  if (!idmap_open(&record->writer.ids))
    return false;
  record->writer.file = open_memstream(&record->text, &record->text_bytes);
  if (record->writer.file == NULL) {
    idmap_close(&record->writer.ids);
    return false;
  }
  record->is_on = true;
  lua_setallocf(L, recording_alloc, record);
  return true;
}

/***
** trace.record_state(f, ...): the text, the number of requests, and pcall's
** results of f(...).
** @local
*/
static int record_state(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  if (binding_is_recording(L))
    return luaL_error(L, "pymalloc: trace.record: a recording is on already");
  struct state_record *record = record_of(binding_new(L, &record_type));
  lua_insert(L, 1);
  luaL_checkstack(L, 8, NULL);
  int arguments = lua_gettop(L) - 2;
  if (!start(L, record))
    return luaL_error(L, "pymalloc: not enough memory");
  int status = lua_pcall(L, arguments, LUA_MULTRET, 0);
  stop(L, record);
  if (record->writer.has_failed || record->text == NULL)
    return luaL_error(L, "pymalloc: trace.record: not enough memory");
  lua_pushboolean(L, status == LUA_OK);
  lua_insert(L, 2);
  lua_pushinteger(L, (lua_Integer)record->writer.requests);
  lua_insert(L, 2);
  lua_pushlstring(L, record->text, record->text_bytes);
  lua_insert(L, 2);
  return lua_gettop(L) - 1;
}

static const luaL_Reg metamethods[] = {{"__gc", record_gc}, {NULL, NULL}};

static const luaL_Reg functions[] = {{"record_state", record_state},
                                     {NULL, NULL}};

void binding_set_recording(lua_State *L)
{
  binding_new_type(L, &record_type, metamethods);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
