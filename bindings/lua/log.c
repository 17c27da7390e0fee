#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** The log that a preloaded library has written, for 'pymalloc record'.
*/
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "log_conversion.h"

/*
** Closes a file. Returns false if that fails. If 'is_good' is true, errno is
** then the reason. If it is false, an earlier call has failed, and errno is
** kept.
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
  bool is_made = log != NULL && fwrite(&head, sizeof head, 1, log) == 1;
  is_made &= log != NULL && close_keeping_errno(log, is_made);
  return luaL_fileresult(L, is_made, path);
}

/* The reason why a log is truncated; NULL: it is whole. */
static const char *reason_for_cut(enum log_cut cut)
{
  switch (cut) {
  case LOG_WHOLE:
    return NULL;
  case LOG_CUT_DISK:
    return "the folder of temporary files is full";
  case LOG_CUT_FILE:
    return "the program may not write so large a file (ulimit -f)";
  case LOG_CUT_PATH:
    return "the program can no longer open the log of its requests";
  case LOG_CUT_MAPPING:
    return "the program has no address space for the log of its requests";
  case LOG_CUT_STALLED:
    return "a thread of the program stopped while it wrote to the log";
  }
  return "the log is damaged";
}

/***
** trace.log_about(log): a table about what the log records: 'what', its
** description; 'is_open', did a program open the log; 'cut', the reason why it
** is truncated, or nil; 'next_program', the path of a program that has replaced
** the recorded one and is not recorded, or nil; 'pid' and 'command'. Or nil and
** a message with the path.
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
    head = (struct log_head){0};
  (void)fclose(log);
  lua_createtable(L, 0, 6);
  lua_pushinteger(L, (lua_Integer)head.pid);
  lua_setfield(L, -2, "pid");
  lua_pushlstring(L, head.command, strnlen(head.command, sizeof head.command));
  lua_setfield(L, -2, "command");
  lua_pushlstring(L, head.what, strnlen(head.what, sizeof head.what));
  lua_setfield(L, -2, "what");
  lua_pushboolean(L, head.pid != 0);
  lua_setfield(L, -2, "is_open");
  lua_pushstring(L, reason_for_cut((enum log_cut)head.cut));
  lua_setfield(L, -2, "cut");
  if (head.next_program[0] != '\0') {
    lua_pushlstring(L, head.next_program,
                    strnlen(head.next_program, sizeof head.next_program));
    lua_setfield(L, -2, "next_program");
  }
  return 1;
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
** trace.convert_log(log, file, head, texts): writes the log of that path as a
** trace to a file handle. 'texts', which may be nil, has a list of texts for
** each return address, the innermost first. Returns the number of requests, and
** the number of frees of unknown blocks; or nil, a message and what has failed:
** "log", with the path in the message, or "write".
** @local
*/
static int convert_log(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct conversion conversion = {.L = L, .writer.next_id = 1};
  struct trace_writer *writer = &conversion.writer;
  writer->file = check_file(L, 2);
  const char *head = luaL_checkstring(L, 3);
  if (!lua_isnoneornil(L, 4)) {
    luaL_checktype(L, 4, LUA_TTABLE);
    conversion.texts = 4;
  }
  luaL_checkstack(L, 3, NULL);
  FILE *log = fopen(path, "rb");
  if (log == NULL)
    return fail(L, "log", lua_pushfstring(L, "%s: %s", path, strerror(errno)));
  errno = 0;
  bool is_whole = conversion_run(&conversion, log, head);
  writer->has_failed |= fflush(writer->file) != 0;
  (void)close_keeping_errno(log, false);
  if (writer->has_failed)
    return fail(L, "write", strerror(errno));
  if (!is_whole)
    return fail(L, "log", lua_pushfstring(L, "%s: the log is damaged", path));
  lua_pushinteger(L, (lua_Integer)writer->requests);
  lua_pushinteger(L, (lua_Integer)writer->unknown_frees);
  return 2;
}

/* Appends a file to the list at 2, or a return address to that at 3. */
static void add_place(lua_State *L, struct log_reader *reader,
                      const struct log_record *record)
{
  char path[LOG_PATH_BYTES];
  if (record->kind == LOG_FRAME) {
    lua_pushinteger(L, (lua_Integer)record->block);
    lua_rawseti(L, 3, (lua_Integer)lua_rawlen(L, 3) + 1);
  } else if (record->kind == LOG_MODULE) {
    size_t bytes = log_reader_text(reader, record->site, path);
    lua_createtable(L, 0, 4);
    lua_pushlstring(L, path, bytes);
    lua_setfield(L, -2, "path");
    lua_pushinteger(L, (lua_Integer)record->block);
    lua_setfield(L, -2, "start");
    lua_pushinteger(L, (lua_Integer)record->size);
    lua_setfield(L, -2, "stop");
    lua_pushinteger(L, (lua_Integer)record->count * LOG_PLACE_BYTES);
    lua_setfield(L, -2, "offset");
    lua_rawseti(L, 2, (lua_Integer)lua_rawlen(L, 2) + 1);
  }
}

/***
** trace.log_places(file): reads a log from a file handle. Returns the list of
** the files whose code was mapped, in tables with the fields path, start, stop
** (addresses) and offset (in the file); and the list of the return addresses of
** the call stacks.
** @local
*/
static int log_places(lua_State *L)
{
  struct log_reader reader;
  struct log_record record;
  FILE *log = check_file(L, 1);
  lua_settop(L, 1);
  lua_newtable(L);
  lua_newtable(L);
  if (log_reader_begin(&reader, log))
    while (log_reader_next(&reader, &record))
      add_place(L, &reader, &record);
  return 2;
}

static const luaL_Reg functions[] = {{"new_log", new_log},
                                     {"log_about", log_about},
                                     {"convert_log", convert_log},
                                     {"log_places", log_places},
                                     {NULL, NULL}};

void binding_set_log(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
