#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** trace.record_state: records the requests of this Lua state while a function
** runs.
*/
#include <stdio.h>
#include <stdlib.h>

#include "recording.h"
#include "limited.h"
#include "relay.h"
#include "type.h"
#include "trace_writer.h"

/*
** A recording that is on. It is on the C stack of record_state, where no script
** can end it.
*/
struct state_record {
  struct trace_writer writer;
  struct relay *relay;
  char *text;
  size_t text_bytes;
};

/* Frees the text of a recording that has ended. */
struct recorded {
  uint64_t magic;
  char *text;
};

static const struct binding_type recorded_type = {"pymalloc.Recording",
                                                  UINT64_C(0x7ec0edb19c52a863),
                                                  sizeof(struct recorded)};

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
  void *served =
      record->relay->below(record->relay->below_context, old, old_bytes, bytes);
  if (bytes != 0)
    note_alloc(&record->writer, old, bytes, served);
  return served;
}

/***
** trace.mark_state(text): writes a mark, if a recording of this state is on.
** Returns whether it is.
** @local
*/
static int mark_state(lua_State *L)
{
  size_t bytes;
  const char *text = luaL_checklstring(L, 1, &bytes);
  struct state_record *record = relay_context(L, recording_alloc);
  if (record != NULL)
    trace_put_mark(&record->writer, text, bytes);
  lua_pushboolean(L, record != NULL);
  return 1;
}

bool binding_is_recording(lua_State *L)
{
  return relay_context(L, recording_alloc) != NULL;
}

/* Ends the recording. Its text is then complete. */
static void stop(lua_State *L, struct state_record *record)
{
  relay_end(L, record->relay);
  record->writer.has_failed |= fclose(record->writer.file) != 0;
  idmap_close(&record->writer.ids);
}

static int recorded_gc(lua_State *L)
{
  struct recorded *recorded = binding_test(L, 1, &recorded_type);
  if (recorded == NULL)
    return 0;
  free(recorded->text);
  recorded->text = NULL;
  return 0;
}

static bool start(lua_State *L, struct state_record *record)
{
  record->writer.next_id = 1;
  if (!idmap_open(&record->writer.ids))
    return false;
  record->writer.file = open_memstream(&record->text, &record->text_bytes);
  if (record->writer.file == NULL) {
    idmap_close(&record->writer.ids);
    return false;
  }
  relay_begin(L, record->relay, recording_alloc, record);
  return true;
}

/*
** Gives the text of a recording that has ended to the object at index 1, which
** frees it, and pushes it.
*/
static void push_text(lua_State *L, const struct state_record *record)
{
  struct recorded *recorded = binding_test(L, 1, &recorded_type);
  bool has_failed = record->writer.has_failed || record->text == NULL;
  if (has_failed || recorded == NULL || recorded->text != NULL) {
    free(record->text);
    luaL_error(L, has_failed ? "pymalloc: trace.record: not enough memory"
                             : "pymalloc: trace.record: the result is gone");
    return; /* for the analyzers: luaL_error does not return */
  }
  recorded->text = record->text;
  luaL_checkstack(L, 4, NULL);
  lua_pushlstring(L, record->text, record->text_bytes);
}

/* The registry's key of the relay. */
static const char relay_key;

/***
** trace.record_state(f, ...): the text, the number of requests, and pcall's
** results of f(...).
** @local
*/
static int record_state(lua_State *L)
{
  struct state_record record = {.text = NULL};
  luaL_checktype(L, 1, LUA_TFUNCTION);
  if (binding_is_recording(L))
    return luaL_error(L, "pymalloc: trace.record: a recording is on already");
  if (binding_is_limited(L))
    return luaL_error(L, "pymalloc: trace.record: a call with limits runs, "
                         "whose steps could not be counted then");
  (void)binding_new(L, &recorded_type);
  lua_insert(L, 1);
  luaL_checkstack(L, 8, NULL);
  int arguments = lua_gettop(L) - 2;
  record.relay = relay_of(L, &relay_key);
  if (!start(L, &record))
    return luaL_error(L, "pymalloc: not enough memory");
  int status = lua_pcall(L, arguments, LUA_MULTRET, 0);
  stop(L, &record);
  push_text(L, &record);
  lua_insert(L, 2);
  lua_pushinteger(L, (lua_Integer)record.writer.requests);
  lua_insert(L, 3);
  lua_pushboolean(L, status == LUA_OK);
  lua_insert(L, 4);
  return lua_gettop(L) - 1;
}

static const luaL_Reg metamethods[] = {{"__gc", recorded_gc}, {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"record_state", record_state}, {"mark_state", mark_state}, {NULL, NULL}};

void binding_set_recording(lua_State *L)
{
  binding_new_type(L, &recorded_type, metamethods);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
