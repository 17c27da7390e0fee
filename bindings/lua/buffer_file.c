/*
** Methods that read the bytes of a buffer from a file handle of io, and write
** them to one. No Lua code runs while the file is in use.
*/
#include <errno.h>
#include <stdio.h>

#include "argument.h"
#include "buffer.h"

/*
** The handle of io at index 2, or NULL. Such a handle has no user value, unlike
** the objects of this binding, to which a script can give its metatable.
*/
static const luaL_Stream *test_stream(lua_State *L)
{
  const luaL_Stream *stream = luaL_testudata(L, 2, LUA_FILEHANDLE);
  bool is_stream = stream != NULL && lua_rawlen(L, 2) == sizeof *stream &&
                   lua_getiuservalue(L, 2, 1) == LUA_TNONE;
  return is_stream ? stream : NULL;
}

/* The open file at index 2; anything else is an error. */
static FILE *check_file(lua_State *L, const char *what)
{
  const luaL_Stream *stream = test_stream(L);
  if (stream != NULL && stream->closef != NULL)
    return stream->f;
  if (stream != NULL)
    luaL_error(L, "pymalloc: %s: the file is closed", what);
  luaL_error(L, "pymalloc: %s must be a file of io, got %s", what,
             binding_quote(L, 2));
  return NULL;
}

/* The bytes of the buffer that arguments 3 and 4 name. */
static struct span check_bytes(lua_State *L, const char *offset_name,
                               const char *count_name)
{
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  lua_Integer total = (lua_Integer)span_bytes(span, buffer->type), offset = 0;
  if (!lua_isnoneornil(L, 3))
    offset = binding_check_integer(L, 3, offset_name, 0, total);
  lua_Integer count = total - offset;
  if (!lua_isnoneornil(L, 4))
    count = binding_check_integer(L, 4, count_name, 0, total - offset);
  return (struct span){span.data + offset, (size_t)count};
}

/* Returns the number of bytes, or nil, a message and the number of the error. */
static int finish(lua_State *L, FILE *file, size_t bytes)
{
  if (ferror(file))
    return luaL_fileresult(L, 0, NULL);
  lua_pushinteger(L, (lua_Integer)bytes);
  return 1;
}

/***
** b:read(file [, offset [, count]]): reads bytes from a file into b, with no
** string in between. They are taken as they are: b:byteswap turns numbers of
** the other byte order.
** @tparam file file an open file of io
** @tparam[opt] integer offset bytes of b before the first byte that is set,
** default 0
** @tparam[opt] integer count bytes to read; by default all of b from the offset
** on
** @treturn integer the bytes that were read: fewer than count only where the
** file ends; or nil, a message and the number of the error, and an unknown
** number of bytes were read
** @usage
** local file = io.tmpfile()
** file:write("ABCDEFGH")
** file:seek("set")
** b:read(file) --> 8
** b:view("u8"):string(1, 8) --> ABCDEFGH
*/
static int method_read(lua_State *L)
{
  lua_settop(L, 4);
  FILE *file = check_file(L, "b:read: file");
  struct span bytes = check_bytes(L, "b:read: offset", "b:read: count");
  clearerr(file);
  errno = 0;
  return finish(L, file, fread(bytes.data, 1, bytes.count, file));
}

/***
** b:write(file [, offset [, count]]): writes bytes of b to a file, with no
** string in between.
** @tparam file file an open file of io
** @tparam[opt] integer offset bytes of b before the first one, default 0
** @tparam[opt] integer count by default all bytes from the offset on
** @treturn integer count; or nil, a message and the number of the error, and an
** unknown number of bytes were written
** @usage
** local file = io.tmpfile()
** b:write(file, 4) --> 8
** file:seek("set")
** ("<i4i4"):unpack(file:read("a")) --> 20 30 9
*/
static int method_write(lua_State *L)
{
  lua_settop(L, 4);
  FILE *file = check_file(L, "b:write: file");
  struct span bytes = check_bytes(L, "b:write: offset", "b:write: count");
  clearerr(file);
  errno = 0;
  return finish(L, file, fwrite(bytes.data, 1, bytes.count, file));
}

const luaL_Reg buffer_file_methods[] = {
    {"read", method_read}, {"write", method_write}, {NULL, NULL}};
