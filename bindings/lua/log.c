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

/* The conversion of one log. */
struct conversion {
  FILE *log;
  struct trace_writer writer;
  struct idmap pending; /* thread -> the block whose realloc has begun */
  struct idmap sites;   /* number in the log -> number in the trace, 'bytes' */
  uint64_t slot;        /* of the next record */
  uint64_t end;         /* behind the last one */
};

static bool open_tables(struct conversion *conversion)
{
  return idmap_open(&conversion->writer.ids) &&
         idmap_open(&conversion->pending) && idmap_open(&conversion->sites);
}

static void close_tables(struct conversion *conversion)
{
  idmap_close(&conversion->sites);
  idmap_close(&conversion->pending);
  idmap_close(&conversion->writer.ids);
}

/*
** Reads the next record; false: there is none. A log that ends early, with its
** program, may have fewer than were claimed.
*/
static bool next_record(struct conversion *conversion,
                        struct log_record *record)
{
  if (conversion->slot == conversion->end ||
      fread(record, sizeof *record, 1, conversion->log) != 1)
    return false;
  conversion->slot++;
  return true;
}

/* Reads the text that a record has. A piece that was not written is blank. */
static size_t read_text(struct conversion *conversion, uint64_t bytes,
                        char text[LOG_TEXT_BYTES])
{
  struct log_record piece;
  size_t end = bytes > LOG_TEXT_BYTES ? LOG_TEXT_BYTES : (size_t)bytes;
  memset(text, ' ', end);
  for (size_t at = 0; at < end && next_record(conversion, &piece);
       at += LOG_PIECE_BYTES)
    if (piece.kind == LOG_TEXT)
      memcpy(text + at, piece.text,
             end - at < LOG_PIECE_BYTES ? end - at : LOG_PIECE_BYTES);
  return end;
}

/* Removes the realloc that a thread has begun. Gets the old block and its id. */
static uint64_t take_begun(struct conversion *conversion, uint32_t thread,
                           uint64_t *old)
{
  struct idmap_entry *entry = idmap_find(&conversion->pending, thread);
  uint64_t id = entry == NULL ? 0 : entry->bytes;
  *old = entry == NULL ? 0 : (uintptr_t)entry->block;
  if (entry != NULL)
    idmap_remove(&conversion->pending, entry);
  return id;
}

static void end_realloc(struct conversion *conversion,
                        const struct log_record *record)
{
  struct trace_writer *writer = &conversion->writer;
  uint64_t old, id = take_begun(conversion, record->thread, &old);
  if (record->block == 0 && id != 0) /* refused? the block is as it was */
    trace_put_back(writer, old, id);
  else if (record->block != 0 && old == 0)
    trace_put_malloc(writer, record->block, record->size);
  else if (record->block != 0)
    trace_put_realloc(writer, id, record->block, record->size);
}

/* Another thread may have got the address of the block since it was freed. */
static void end_realloc_by_free(struct conversion *conversion,
                                const struct log_record *record)
{
  uint64_t old, id = take_begun(conversion, record->thread, &old);
  trace_put_free_of(&conversion->writer, id);
}

static void begin_realloc(struct conversion *conversion,
                          const struct log_record *record)
{
  struct trace_writer *writer = &conversion->writer;
  uint64_t id = trace_take_id(writer, record->block);
  if (idmap_find(&conversion->pending, record->thread) == NULL)
    writer->has_failed |= !idmap_add(&conversion->pending, record->thread,
                                     (void *)(uintptr_t)record->block, id);
}

/* The number that a site has in the trace; 0: it has none. */
static uint32_t site_of(const struct conversion *conversion, uint64_t site)
{
  const struct idmap_entry *entry =
      site == 0 ? NULL : idmap_find(&conversion->sites, site);
  return entry == NULL ? 0 : (uint32_t)entry->bytes;
}

static void put_site(struct conversion *conversion,
                     const struct log_record *record)
{
  char text[LOG_TEXT_BYTES];
  size_t bytes = read_text(conversion, record->size, text);
  uint32_t site = trace_put_site(
      &conversion->writer, site_of(conversion, record->block), text, bytes);
  if (record->site != 0 && site_of(conversion, record->site) == 0)
    conversion->writer.has_failed |=
        !idmap_add(&conversion->sites, record->site, NULL, site);
}

static void put_mark(struct conversion *conversion,
                     const struct log_record *record)
{
  char text[LOG_TEXT_BYTES];
  size_t bytes = read_text(conversion, record->size, text);
  trace_put_mark(&conversion->writer, text, bytes);
}

static void put_record(struct conversion *conversion,
                       const struct log_record *record)
{
  struct trace_writer *writer = &conversion->writer;
  enum log_kind kind = (enum log_kind)(record->kind & LOG_KIND_MASK);
  writer->site = 0;
  if (kind != LOG_NOTHING && kind < LOG_SITE) {
    writer->site = site_of(conversion, record->site);
    trace_put_interpreter(writer, record->kind >> LOG_KIND_BITS);
  }
  switch (kind) {
  case LOG_NOTHING:
  case LOG_TEXT: /* read with the record before it */
    break;
  case LOG_MALLOC:
    trace_put_malloc(writer, record->block, record->size);
    break;
  case LOG_CALLOC:
    trace_put_calloc(writer, record->block, record->count, record->size);
    break;
  case LOG_CALLOC_MANY:
    trace_put_calloc(writer, record->block, record->size, record->count);
    break;
  case LOG_REALLOC_BEGIN:
    begin_realloc(conversion, record);
    break;
  case LOG_REALLOC_END:
    end_realloc(conversion, record);
    break;
  case LOG_REALLOC_FREED:
    end_realloc_by_free(conversion, record);
    break;
  case LOG_FREE:
    trace_put_free(writer, record->block);
    break;
  case LOG_SITE:
    put_site(conversion, record);
    break;
  case LOG_MARK:
    put_mark(conversion, record);
    break;
  }
}

/* false: the log is damaged, or writing has failed. */
static bool convert(struct conversion *conversion)
{
  struct log_head head;
  struct log_record record;
  if (fread(&head, sizeof head, 1, conversion->log) != 1 ||
      head.magic != LOG_MAGIC ||
      fseeko(conversion->log, LOG_HEAD_BYTES, SEEK_SET) != 0)
    return false;
  conversion->end = head.count;
  while (!conversion->writer.has_failed && next_record(conversion, &record))
    put_record(conversion, &record);
  return !conversion->writer.has_failed;
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
** the recorded one and is not recorded, or nil. Or nil and a message with the
** path.
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
  lua_createtable(L, 0, 4);
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

/* Converts an open log. false: the log is damaged, or writing has failed. */
static bool convert_records(struct conversion *conversion, const char *head)
{
  struct trace_writer *writer = &conversion->writer;
  writer->has_failed =
      !open_tables(conversion) || fputs(head, writer->file) == EOF;
  bool is_whole = !writer->has_failed && convert(conversion);
  close_tables(conversion);
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
  struct conversion conversion = {.writer.next_id = 1};
  struct trace_writer *writer = &conversion.writer;
  writer->file = check_file(L, 2);
  const char *head = luaL_checkstring(L, 3);
  conversion.log = fopen(path, "rb");
  if (conversion.log == NULL)
    return fail(L, "log", lua_pushfstring(L, "%s: %s", path, strerror(errno)));
  errno = 0;
  bool is_whole = convert_records(&conversion, head);
  writer->has_failed |= fflush(writer->file) != 0;
  (void)close_keeping_errno(conversion.log, false);
  if (writer->has_failed)
    return fail(L, "write", strerror(errno));
  if (!is_whole)
    return fail(L, "log", lua_pushfstring(L, "%s: the log is damaged", path));
  lua_pushinteger(L, (lua_Integer)writer->requests);
  lua_pushinteger(L, (lua_Integer)writer->unknown_frees);
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
