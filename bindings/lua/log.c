#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** Makes a trace of the log that a preloaded library has written.
*/
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../preload/log.h"
#include "log.h"
#include "trace_writer.h"

/* Ends the realloc that a thread has begun; 'pending' has its id. */
static void end_realloc(struct trace_writer *writer, struct idmap *pending,
                        const struct log_record *record)
{
  struct idmap_entry *entry = idmap_find(pending, record->thread);
  uint64_t id = entry == NULL ? 0 : entry->bytes;
  uint64_t old = entry == NULL ? 0 : (uintptr_t)entry->block;
  if (entry != NULL)
    idmap_remove(pending, entry);
  if (record->block == 0 && id != 0) /* refused? the block is as it was */
    writer->has_failed |= !idmap_add(&writer->ids, old, NULL, id);
  else if (record->block != 0 && old == 0)
    trace_put_malloc(writer, record->block, record->size);
  else if (record->block != 0)
    trace_put_realloc(writer, id, record->block, record->size);
}

static void begin_realloc(struct trace_writer *writer, struct idmap *pending,
                          const struct log_record *record)
{
  uint64_t id = trace_take_id(writer, record->block);
  if (idmap_find(pending, record->thread) == NULL)
    writer->has_failed |= !idmap_add(pending, record->thread,
                                     (void *)(uintptr_t)record->block, id);
}

static void put_record(struct trace_writer *writer, struct idmap *pending,
                       const struct log_record *record)
{
  switch ((enum log_kind)record->kind) {
  case LOG_NOTHING:
    break;
  case LOG_MALLOC:
    trace_put_malloc(writer, record->block, record->size);
    break;
  case LOG_CALLOC:
    trace_put_calloc(writer, record->block, record->count, record->size);
    break;
  case LOG_REALLOC_BEGIN:
    begin_realloc(writer, pending, record);
    break;
  case LOG_REALLOC_END:
    end_realloc(writer, pending, record);
    break;
  case LOG_FREE:
    trace_put_free(writer, record->block);
    break;
  }
}

static bool convert(FILE *log, struct trace_writer *writer,
                    struct idmap *pending)
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

/*
** Closes a file. Returns false and sets errno if that fails. If 'is_good' is
** false, an earlier call has failed: returns false and keeps errno.
*/
static bool close_keeping_errno(FILE *file, bool is_good)
{
  int error = errno;
  bool is_closed = fclose(file) == 0;
  if (!is_good)
    errno = error;
  return is_closed;
}

/***
** trace.new_log(path): an empty log.
** @local
*/
static int new_log(lua_State *L)
{
  const struct log_head head = {.magic = LOG_MAGIC};
  const char *path = luaL_checkstring(L, 1);
  FILE *log = fopen(path, "w+b");
  bool is_made = log != NULL && fwrite(&head, sizeof head, 1, log) == 1 &&
                 fseeko(log, (off_t)LOG_BYTES - 1, SEEK_SET) == 0 &&
                 fputc(0, log) != EOF;
  is_made &= log != NULL && close_keeping_errno(log, is_made);
  return luaL_fileresult(L, is_made, path);
}

/***
** trace.log_about(log): the description of what the log records, and whether
** the log is truncated; or nil and a message with the path.
** @local
*/
static int log_about(lua_State *L)
{
  struct log_head head = {0};
  const char *path = luaL_checkstring(L, 1);
  FILE *log = fopen(path, "rb");
  if (log == NULL)
    return luaL_fileresult(L, false, path);
  if (fread(&head, sizeof head, 1, log) != 1)
    head.what[0] = '\0';
  (void)fclose(log);
  lua_pushlstring(L, head.what, strnlen(head.what, sizeof head.what));
  lua_pushboolean(L, head.is_cut != 0);
  return 2;
}

/* Converts an open log. false: the log is damaged, or writing has failed. */
static bool convert_records(FILE *log, struct trace_writer *writer,
                            const char *head)
{
  struct idmap pending = {0};
  writer->has_failed = !idmap_open(&writer->ids) || !idmap_open(&pending) ||
                       fputs(head, writer->file) == EOF;
  bool is_whole = !writer->has_failed && convert(log, writer, &pending);
  idmap_close(&pending);
  idmap_close(&writer->ids);
  return is_whole;
}

/* Returns nil, a message and a kind: "log" or "write". */
static int fail(lua_State *L, const char *kind, const char *message)
{
  luaL_pushfail(L);
  lua_pushstring(L, message);
  lua_pushstring(L, kind);
  return 3;
}

/* The file of a handle of io that is open. */
static FILE *check_file(lua_State *L, int index)
{
  const luaL_Stream *stream = luaL_checkudata(L, index, LUA_FILEHANDLE);
  luaL_argcheck(L, stream->closef != NULL, index, "the file is closed");
  return stream->f;
}

/***
** trace.convert_log(log, file, head): writes the log of that path as a trace to
** a file handle. Returns the number of requests, and the number of frees of
** unknown blocks; or nil, a message and what has failed: "log", with the path
** in the message, or "write".
** @local
*/
static int convert_log(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct trace_writer writer = {.next_id = 1, .file = check_file(L, 2)};
  const char *head = luaL_checkstring(L, 3);
  FILE *log = fopen(path, "rb");
  if (log == NULL)
    return fail(L, "log", lua_pushfstring(L, "%s: %s", path, strerror(errno)));
  errno = 0;
  bool is_whole = convert_records(log, &writer, head);
  writer.has_failed |= fflush(writer.file) != 0;
  (void)close_keeping_errno(log, false);
  if (writer.has_failed)
    return fail(L, "write", strerror(errno));
  if (!is_whole)
    return fail(L, "log", lua_pushfstring(L, "%s: the log is damaged", path));
  lua_pushinteger(L, (lua_Integer)writer.requests);
  lua_pushinteger(L, (lua_Integer)writer.unknown_frees);
  return 2;
}

static const luaL_Reg functions[] = {{"new_log", new_log},
                                     {"log_about", log_about},
                                     {"convert_log", convert_log},
                                     {NULL, NULL}};

void binding_set_log(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
