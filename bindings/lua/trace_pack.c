/*
** Packed traces for scripts: core.trace.packer makes one of a trace, and
** core.trace.texts gives the lines of a trace of either form, piece by piece.
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "trace_pack.h"
#include "type.h"
#include "base/compress.h"
#include "trace/packed_format.h"
#include "trace/packed_writer.h"
#include "trace/trace.h"

#define WHY_BYTES TRACE_ERROR_BYTES
#define PIECE_BYTES ((size_t)1 << 18)
#define RUN_OPERATIONS 100000 /* between two reports of progress */

/* {=== Packing */

struct packer {
  uint64_t seal;
  struct trace *trace;
  struct packed_writer *writer; /* NULL: closed */
  FILE *file;        /* of the handle that is the user value, while it runs */
  int error;         /* errno of a write that failed */
  uint64_t requests; /* so far */
};

static const struct binding_type packer_type = {"pymalloc.TracePacker",
                                                UINT64_C(0xa3c55de80f71b694),
                                                sizeof(struct packer)};

static void close_packer(struct packer *packer)
{
  packed_writer_close(packer->writer);
  trace_close(packer->trace);
  packer->writer = NULL;
  packer->trace = NULL;
}

static int packer_gc(lua_State *L)
{
  struct packer *packer = binding_test(L, 1, &packer_type);
  if (packer != NULL)
    close_packer(packer);
  return 0;
}

static bool write_file(void *context, const char *bytes, size_t count)
{
  struct packer *packer = context;
  bool is_written = fwrite(bytes, 1, count, packer->file) == count;
  if (!is_written)
    packer->error = errno;
  return is_written;
}

/* The file of the handle of io on the top, if it is open. */
static FILE *check_file(lua_State *L)
{
  const luaL_Stream *stream = luaL_testudata(L, -1, LUA_FILEHANDLE);
  if (stream == NULL || stream->closef == NULL)
    luaL_error(L, "pymalloc: trace.packer: the file is closed");
  return stream->f; /* NOLINT: luaL_error does not return */
}

/***
** trace.packer(from, file, note): a packer of the trace at the path 'from' into
** a file handle; or nil and a message.
** @local
*/
static int new_packer(lua_State *L)
{
  char why[WHY_BYTES];
  size_t note_bytes;
  lua_settop(L, 3);
  struct packer *packer = binding_new(L, &packer_type);
  const char *from = binding_to_word(L, 1);
  luaL_argexpected(L, from != NULL, 1, "path");
  luaL_checkudata(L, 2, LUA_FILEHANDLE);
  luaL_argexpected(L, lua_type(L, 3) == LUA_TSTRING, 3, "string");
  const char *note = lua_tolstring(L, 3, &note_bytes);
  packer->trace = trace_open(from, why, sizeof why);
  if (packer->trace == NULL)
    return luaL_pushfail(L), lua_pushstring(L, why), 2;
  lua_pushvalue(L, 2);
  packer->file = check_file(L);
  (void)lua_setiuservalue(L, -2, 1);
  packer->writer = packed_writer_open(write_file, packer, note, note_bytes);
  if (packer->writer == NULL)
    return luaL_error(L, "pymalloc: trace.packer: not enough memory");
  return 1;
}

/* Packs the next operations. */
static enum trace_status pack_some(struct packer *packer, bool *is_written)
{
  struct trace_op op;
  enum trace_status status = TRACE_OP;
  for (int i = 0; *is_written && i < RUN_OPERATIONS; i++) {
    status = trace_next(packer->trace, &op);
    if (status != TRACE_OP)
      break;
    packer->requests += trace_is_request(op.letter);
    *is_written = packed_writer_put(packer->writer, &op);
  }
  return status;
}

static const char *write_problem(const struct packer *packer)
{
  return packer->error != 0 ? strerror(packer->error) : "not enough memory";
}

/***
** packer:run(): packs some operations. Returns the number of requests so far,
** and whether that was all; or nil and a message.
** @local
*/
static int packer_run(lua_State *L)
{
  char why[WHY_BYTES];
  bool is_written = true;
  struct packer *packer = binding_check(L, 1, &packer_type);
  if (packer->writer == NULL)
    return luaL_error(L, "pymalloc: the packer is closed");
  (void)lua_getiuservalue(L, 1, 1);
  packer->file = check_file(L);
  enum trace_status status = pack_some(packer, &is_written);
  if (status == TRACE_END)
    is_written = packed_writer_end(packer->writer);
  (void)snprintf(why, sizeof why, "%s", trace_error(packer->trace));
  const char *problem = write_problem(packer);
  if (!is_written || status != TRACE_OP)
    close_packer(packer);
  if (!is_written || status == TRACE_ERROR) {
    luaL_pushfail(L);
    lua_pushstring(L, is_written ? why : problem);
    return 2;
  }
  lua_pushinteger(L, (lua_Integer)packer->requests);
  lua_pushboolean(L, status == TRACE_END);
  return 2;
}

/* {=== Text */

struct texts {
  uint64_t seal;
  struct trace *trace; /* NULL: closed */
  char *copy;          /* of the trace, if it is in memory */
  char *piece;         /* of PIECE_BYTES */
  uint64_t requests;   /* so far */
};

static const struct binding_type texts_type = {
    "pymalloc.TraceTexts", UINT64_C(0x1b64f9d2c80e73a5), sizeof(struct texts)};

static int texts_gc(lua_State *L)
{
  struct texts *texts = binding_test(L, 1, &texts_type);
  if (texts == NULL)
    return 0;
  trace_close(texts->trace);
  free(texts->copy);
  free(texts->piece);
  texts->trace = NULL;
  texts->copy = texts->piece = NULL;
  return 0;
}

static struct trace *open_copy(struct texts *texts, const char *bytes,
                               size_t count, const char *name)
{
  texts->copy = malloc(count + 1);
  if (texts->copy == NULL)
    return NULL;
  memcpy(texts->copy, bytes, count);
  return trace_open_text(texts->copy, count, name);
}

/***
** trace.texts(source, is_text, name): the lines of a trace, at a path or in a
** string; or nil and a message.
** @local
*/
static int new_texts(lua_State *L)
{
  char why[WHY_BYTES] = "not enough memory";
  size_t bytes;
  lua_settop(L, 3);
  struct texts *texts = binding_new(L, &texts_type);
  bool is_text = lua_toboolean(L, 2);
  luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING, 1, "string");
  luaL_argexpected(L, is_text || binding_to_word(L, 1) != NULL, 1, "path");
  luaL_argexpected(L, binding_to_word(L, 3) != NULL, 3, "name");
  const char *source = lua_tolstring(L, 1, &bytes);
  texts->piece = malloc(PIECE_BYTES);
  texts->trace = is_text ? open_copy(texts, source, bytes, lua_tostring(L, 3))
                         : trace_open(source, why, sizeof why);
  if (texts->piece != NULL && texts->trace != NULL)
    return 1;
  luaL_pushfail(L);
  lua_pushstring(L, why);
  return 2;
}

/* Fills the piece with the next lines. Returns its length. */
static size_t fill(struct texts *texts, enum trace_status *status)
{
  struct trace_op op;
  size_t filled = 0;
  *status = TRACE_OP;
  while (filled + TRACE_LINE_BYTES <= PIECE_BYTES) {
    *status = trace_next(texts->trace, &op);
    if (*status != TRACE_OP)
      break;
    texts->requests += trace_is_request(op.letter);
    filled += trace_op_format(&op, texts->piece + filled);
  }
  return filled;
}

/***
** texts:next(): the next lines, and the number of requests so far. At the end,
** or where the trace is wrong, the text is shorter than usual or empty, and the
** third result is "end", or a message.
** @local
*/
static int texts_next(lua_State *L)
{
  char why[WHY_BYTES];
  enum trace_status status;
  struct texts *texts = binding_check(L, 1, &texts_type);
  if (texts->trace == NULL || texts->piece == NULL)
    return luaL_error(L, "pymalloc: the texts are closed");
  size_t filled = fill(texts, &status);
  uint64_t requests = texts->requests;
  (void)snprintf(why, sizeof why, "%s", trace_error(texts->trace));
  lua_pushlstring(L, texts->piece, filled);
  lua_pushinteger(L, (lua_Integer)requests);
  if (status == TRACE_OP)
    return 2;
  lua_pushstring(L, status == TRACE_END ? "end" : why);
  return 3;
}

/***
** texts:note(): the note of a packed trace; "" for a trace that is text, and if
** the head cannot be read. It is called before the first call of next.
** @local
*/
static int texts_note(lua_State *L)
{
  struct texts *texts = binding_check(L, 1, &texts_type);
  if (texts->trace == NULL)
    return luaL_error(L, "pymalloc: the texts are closed");
  lua_pushstring(L, trace_note(texts->trace));
  return 1;
}

/***
** pymalloc.trace.deflate(bytes): the bytes deflated, without a head; nil if they
** do not become fewer, or without zlib.
** @local
*/
static int deflate_bytes(lua_State *L)
{
  size_t count;
  luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING, 1, "string");
  lua_settop(L, 1);
  size_t room = (size_t)lua_rawlen(L, 1);
  void *to = binding_push_scratch(L, room);
  const char *bytes = lua_tolstring(L, 1, &count);
  if (bytes == NULL || count != room)
    return luaL_error(L, "pymalloc: the bytes are gone");
  size_t length =
      count > UINT32_MAX ? 0 : compress_deflate(bytes, count, to, room);
  if (length == 0)
    luaL_pushfail(L);
  else
    lua_pushlstring(L, to, length);
  return 1;
}

static int packer_index(lua_State *L)
{
  return binding_push_method(L, &packer_type);
}

static int texts_index(lua_State *L)
{
  return binding_push_method(L, &texts_type);
}

void binding_set_trace_pack(lua_State *L)
{
  static const luaL_Reg packer_functions[] = {
      {"__index", packer_index}, {"__gc", packer_gc}, {NULL, NULL}};
  static const luaL_Reg texts_functions[] = {
      {"__index", texts_index}, {"__gc", texts_gc}, {NULL, NULL}};
  static const luaL_Reg packer_methods[] = {{"run", packer_run}, {NULL, NULL}};
  static const luaL_Reg texts_methods[] = {
      {"next", texts_next}, {"note", texts_note}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"packer", new_packer},
                                       {"texts", new_texts},
                                       {"deflate", deflate_bytes},
                                       {NULL, NULL}};
  binding_new_type(L, &packer_type, packer_functions);
  luaL_setfuncs(L, packer_methods, 0);
  lua_pop(L, 1);
  binding_new_type(L, &texts_type, texts_functions);
  luaL_setfuncs(L, texts_methods, 0);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
  lua_pushliteral(L, PACKED_MAGIC);
  lua_setfield(L, -2, "PACKED_MAGIC");
}
