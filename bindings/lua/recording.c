#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** Traces of what happens: trace.record_state, what Lua itself allocates while a
** function runs; trace.convert_log, what a preloaded library has logged.
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../preload/log.h"
#include "binding.h"
#include "idmap.h"

/* Where requests are written: the ids of blocks are given out one by one. */
struct writer {
  FILE *file;
  struct idmap ids; /* address -> id, as 'bytes' */
  uint64_t next_id;
  uint64_t requests;
  uint64_t unknown_frees; /* of blocks that were there before */
  bool has_failed;
};

/*
** {==================================================================
** Requests
** ===================================================================
*/

static uint64_t new_id(struct writer *writer, uint64_t address)
{
  struct idmap_entry *entry = idmap_find(&writer->ids, address);
  uint64_t id = writer->next_id++;
  if (entry != NULL)
    idmap_remove(&writer->ids, entry);
  writer->has_failed |= !idmap_add(&writer->ids, address, NULL, id);
  return id;
}

/* The id of a block, which is forgotten; 0: it has none. */
static uint64_t take_id(struct writer *writer, uint64_t address)
{
  struct idmap_entry *entry =
      address == 0 ? NULL : idmap_find(&writer->ids, address);
  uint64_t id = entry == NULL ? 0 : entry->bytes;
  if (entry != NULL)
    idmap_remove(&writer->ids, entry);
  return id;
}

static void put(struct writer *writer, char letter, uint64_t id, uint64_t size)
{
  writer->requests++;
  writer->has_failed |=
      fprintf(writer->file, "%c %llu %llu\n", letter, (unsigned long long)id,
              (unsigned long long)size) < 0;
}

static void put_malloc(struct writer *writer, uint64_t address, uint64_t size)
{
  put(writer, 'a', new_id(writer, address), size);
}

static void put_calloc(struct writer *writer, uint64_t address, uint64_t count,
                       uint64_t size)
{
  writer->requests++;
  writer->has_failed |=
      fprintf(writer->file, "c %llu %llu %llu\n",
              (unsigned long long)new_id(writer, address),
              (unsigned long long)count, (unsigned long long)size) < 0;
}

static void put_free(struct writer *writer, uint64_t address)
{
  uint64_t id = take_id(writer, address);
  if (id == 0) {
    writer->unknown_frees++;
    return;
  }
  writer->requests++;
  writer->has_failed |=
      fprintf(writer->file, "f %llu\n", (unsigned long long)id) < 0;
}

/* A block with that id, or without one (0), has moved to an address. */
static void put_realloc(struct writer *writer, uint64_t id, uint64_t address,
                        uint64_t size)
{
  if (id == 0)
    id = writer->next_id++;
  (void)take_id(writer, address);
  writer->has_failed |= !idmap_add(&writer->ids, address, NULL, id);
  put(writer, 'r', id, size);
}

/* }================================================================== */

/*
** {==================================================================
** What Lua allocates
** ===================================================================
*/

struct state_record {
  struct writer writer;
  lua_Alloc below;
  void *below_context;
  char *text;
  size_t text_bytes;
  bool is_on;
};

static const struct binding_type record_type = {
    "pymalloc.Recording", UINT64_C(0x7ec0edb19c52a863),
    sizeof(uint64_t) + sizeof(struct state_record)};

static void note_alloc(struct writer *writer, const void *old, size_t bytes,
                       const void *served)
{
  if (served != NULL && old == NULL)
    put_malloc(writer, (uintptr_t)served, bytes);
  else if (served != NULL)
    put_realloc(writer, take_id(writer, (uintptr_t)old), (uintptr_t)served,
                bytes);
}

static void *recording_alloc(void *context, void *old, size_t old_bytes,
                             size_t bytes)
{
  struct state_record *record = context;
  if (bytes == 0 && old != NULL)
    put_free(&record->writer, (uintptr_t)old);
  void *served = record->below(record->below_context, old, old_bytes, bytes);
  if (bytes != 0)
    note_alloc(&record->writer, old, bytes, served);
  return served;
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

/* trace.record_state(f, ...): the text, requests, pcall's results of f(...) */
static int record_state(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  void *context;
  if (lua_getallocf(L, &context) == recording_alloc)
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

/* }================================================================== */

/*
** {==================================================================
** Logs
** ===================================================================
*/

/* The realloc that a thread is in: its id, until it ends. */
static void end_realloc(struct writer *writer, struct idmap *pending,
                        const struct log_record *record)
{
  struct idmap_entry *entry = idmap_find(pending, record->thread);
  uint64_t id = entry == NULL ? 0 : entry->bytes;
  uint64_t old = entry == NULL ? 0 : (uintptr_t)entry->block;
  if (entry != NULL)
    idmap_remove(pending, entry);
  if (record->block == 0 && id != 0) /* refused? it is as it was */
    writer->has_failed |= !idmap_add(&writer->ids, old, NULL, id);
  else if (record->block != 0 && old == 0)
    put_malloc(writer, record->block, record->size);
  else if (record->block != 0)
    put_realloc(writer, id, record->block, record->size);
}

static void begin_realloc(struct writer *writer, struct idmap *pending,
                          const struct log_record *record)
{
  uint64_t id = take_id(writer, record->block);
  if (idmap_find(pending, record->thread) == NULL)
    writer->has_failed |= !idmap_add(pending, record->thread,
                                     (void *)(uintptr_t)record->block, id);
}

static void put_record(struct writer *writer, struct idmap *pending,
                       const struct log_record *record)
{
  switch ((enum log_kind)record->kind) {
  case LOG_NOTHING:
    break;
  case LOG_MALLOC:
    put_malloc(writer, record->block, record->size);
    break;
  case LOG_CALLOC:
    put_calloc(writer, record->block, record->count, record->size);
    break;
  case LOG_REALLOC_BEGIN:
    begin_realloc(writer, pending, record);
    break;
  case LOG_REALLOC_END:
    end_realloc(writer, pending, record);
    break;
  case LOG_FREE:
    put_free(writer, record->block);
    break;
  }
}

static bool convert(FILE *log, struct writer *writer, struct idmap *pending)
{
  struct log_head head;
  struct log_record record;
  if (fread(&head, sizeof head, 1, log) != 1 || head.magic != LOG_MAGIC)
    return false;
  for (uint64_t i = 0; i < head.count && !writer->has_failed; i++) {
    if (fread(&record, sizeof record, 1, log) != 1)
      return false;
    put_record(writer, pending, &record);
  }
  return !writer->has_failed;
}

/* trace.new_log(path): an empty log. */
static int new_log(lua_State *L)
{
  const struct log_head head = {.magic = LOG_MAGIC};
  FILE *log = fopen(luaL_checkstring(L, 1), "w+b");
  bool is_made = log != NULL && fwrite(&head, sizeof head, 1, log) == 1 &&
                 fseeko(log, (off_t)LOG_BYTES - 1, SEEK_SET) == 0 &&
                 fputc(0, log) != EOF;
  int error = errno;
  if (log != NULL)
    is_made &= fclose(log) == 0;
  return luaL_fileresult(L, is_made, is_made ? NULL : strerror(error));
}

/* trace.convert_log(log, path, head): requests, unknown frees; or nil, why */
static int convert_log(lua_State *L)
{
  struct writer writer = {.next_id = 1};
  struct idmap pending = {0};
  const char *head = luaL_checkstring(L, 3);
  FILE *log = fopen(luaL_checkstring(L, 1), "rb");
  bool is_whole = false;
  errno = 0;
  if (log != NULL)
    writer.file = fopen(luaL_checkstring(L, 2), "wb");
  if (writer.file != NULL && idmap_open(&writer.ids)) {
    if (idmap_open(&pending)) {
      is_whole =
          fputs(head, writer.file) != EOF && convert(log, &writer, &pending);
      idmap_close(&pending);
    }
    idmap_close(&writer.ids);
  }
  int error = errno;
  if (writer.file != NULL)
    is_whole &= fclose(writer.file) == 0;
  if (log != NULL)
    (void)fclose(log);
  if (!is_whole) {
    luaL_pushfail(L);
    lua_pushstring(L, error != 0 ? strerror(error) : "the log is damaged");
    return 2;
  }
  lua_pushinteger(L, (lua_Integer)writer.requests);
  lua_pushinteger(L, (lua_Integer)writer.unknown_frees);
  return 2;
}

/* }================================================================== */

static const luaL_Reg metamethods[] = {{"__gc", record_gc}, {NULL, NULL}};

const luaL_Reg binding_recording_functions[] = {{"record_state", record_state},
                                                {"new_log", new_log},
                                                {"convert_log", convert_log},
                                                {NULL, NULL}};

void binding_open_recording_type(lua_State *L)
{
  binding_new_type(L, &record_type, metamethods);
  lua_pop(L, 1);
}
