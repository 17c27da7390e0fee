#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** Where an output goes: the file behind a path, and the open files of this
** process. A failure returns nil and a message, as the functions of io do.
*/
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "system_file.h"

#define LINKS_MOST 40

void output_copy_folder(char *folder, const char *path)
{
  const char *slash = strrchr(path, '/');
  size_t bytes = slash == NULL ? 0 : (size_t)(slash - path);
  if (slash == NULL)
    (void)snprintf(folder, PATH_MAX, ".");
  else
    (void)snprintf(folder, PATH_MAX, "%.*s", bytes == 0 ? 1 : (int)bytes, path);
}

/*
** Is this link one of /proc, as /proc/self/fd/1 is? If it is an open file of
** this process, '*fd' is its number.
*/
static bool is_process_link(const char *path, int *fd)
{
  char folder[PATH_MAX];
  bool is_own;
  output_copy_folder(folder, path);
  if (!system_file_is_in_proc(folder, &is_own))
    return false;
  if (is_own)
    *fd = (int)strtol(strrchr(path, '/') + 1, NULL, 10);
  return true;
}

/* Replaces a path by the path that its link leads to, seen from its folder. */
static bool join(char path[PATH_MAX], const char *link)
{
  char folder[PATH_MAX];
  int bytes;
  output_copy_folder(folder, path);
  if (link[0] == '/')
    bytes = snprintf(path, PATH_MAX, "%s", link);
  else
    bytes = snprintf(path, PATH_MAX, "%s/%s", folder, link);
  errno = ENAMETOOLONG;
  return bytes < PATH_MAX;
}

enum step { STEP_LINK, STEP_END, STEP_PROCESS, STEP_FAILED };

/* Follows one symbolic link. */
static enum step follow(char path[PATH_MAX], int *fd)
{
  char link[PATH_MAX];
  ssize_t bytes = readlink(path, link, sizeof link - 1);
  if (bytes < 0) /* no link, or no file yet? */
    return errno == EINVAL || errno == ENOENT ? STEP_END : STEP_FAILED;
  if (is_process_link(path, fd))
    return STEP_PROCESS;
  link[bytes] = '\0';
  return join(path, link) ? STEP_LINK : STEP_FAILED;
}

/* Follows all symbolic links at the end of a path. */
static enum step follow_all(char path[PATH_MAX], int *fd)
{
  for (int i = 0; i < LINKS_MOST; i++) {
    enum step step = follow(path, fd);
    if (step != STEP_LINK)
      return step;
  }
  errno = ELOOP;
  return STEP_FAILED;
}

static bool is_open_to_write(int fd)
{
  int flags = fcntl(fd, F_GETFL);
  bool is_right = flags != -1 && (flags & O_ACCMODE) != O_RDONLY;
  errno = EBADF;
  return is_right;
}

/* Is it a path for a new file, when there is none? If not, sets errno. */
static bool is_new_path(const char *path)
{
  size_t bytes = strlen(path);
  if (errno == ENOENT && bytes > 0 && path[bytes - 1] == '/')
    errno = EISDIR;
  else if (errno == ENOENT && bytes > 0)
    return true;
  return false;
}

/* Pushes the results of output.resolve for a path that is not a link. */
static int push_target(lua_State *L, const char *path, const char *named)
{
  struct stat about;
  bool exists = stat(path, &about) == 0;
  if (!exists && !is_new_path(path))
    return luaL_fileresult(L, 0, named);
  if (exists && S_ISDIR(about.st_mode)) {
    errno = EISDIR;
    return luaL_fileresult(L, 0, named);
  }
  if (exists && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0)
    return luaL_fileresult(L, 0, named);
  lua_pushstring(L, path);
  lua_pushstring(L, !exists || S_ISREG(about.st_mode) ? "file" : "device");
  lua_pushboolean(L, exists);
  return 3;
}

/***
** output.resolve(path): the path behind all symbolic links; its kind: "file"
** (it is one, or does not exist), "device" (written as it is), "open" (an open
** file of another process) or the number of an open file of this process; and
** whether it exists.
** @local
*/
static int resolve(lua_State *L)
{
  char path[PATH_MAX];
  int fd = -1;
  const char *named = luaL_checkstring(L, 1);
  if (strlen(named) >= sizeof path) {
    errno = ENAMETOOLONG;
    return luaL_fileresult(L, 0, named);
  }
  (void)snprintf(path, sizeof path, "%s", named);
  switch (follow_all(path, &fd)) {
  case STEP_LINK:
  case STEP_FAILED:
    return luaL_fileresult(L, 0, named);
  case STEP_END:
    return push_target(L, path, named);
  case STEP_PROCESS:
    break;
  }
  if (fd >= 0 && !is_open_to_write(fd))
    return luaL_fileresult(L, 0, named);
  lua_pushstring(L, path);
  if (fd >= 0)
    lua_pushinteger(L, fd);
  else
    lua_pushliteral(L, "open");
  lua_pushboolean(L, true);
  return 3;
}

static int close_file(lua_State *L)
{
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/***
** output.open_descriptor(number): a file handle that writes to an open file of
** this process, at its place.
** @local
*/
static int open_descriptor(lua_State *L)
{
  luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
  stream->closef = NULL;
  luaL_setmetatable(L, LUA_FILEHANDLE);
  int fd = system_file_duplicate((int)luaL_checkinteger(L, 1));
  stream->f = fd < 0 ? NULL : fdopen(fd, "wb");
  if (stream->f == NULL) {
    int error = errno;
    if (fd >= 0)
      (void)close(fd);
    errno = error;
    return luaL_fileresult(L, 0, NULL);
  }
  stream->closef = close_file;
  return 1;
}

static const luaL_Reg functions[] = {
    {"resolve", resolve}, {"open_descriptor", open_descriptor}, {NULL, NULL}};

void binding_add_output_targets(lua_State *L)
{
  luaL_setfuncs(L, functions, 0);
}
