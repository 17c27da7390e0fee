#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** Functions for files and folders of the user, beside those of Lua's io and os.
*/
#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "files.h"

/***
** files.exists(path): is there a file, a folder, or something else?
** @local
*/
static int exists(lua_State *L)
{
  struct stat about;
  lua_pushboolean(L, stat(luaL_checkstring(L, 1), &about) == 0);
  return 1;
}

/* Makes a folder; one that exists already is not a failure. */
static bool make_one_folder(const char *path)
{
  struct stat about;
  if (mkdir(path, 0777) == 0)
    return true;
  int error = errno;
  bool is_there = stat(path, &about) == 0;
  if (is_there && S_ISDIR(about.st_mode))
    return true;
  errno = is_there ? ENOTDIR : error;
  return false;
}

/***
** files.make_folder(path): makes a folder, and the folders above it that do
** not exist. Returns true; or nil, a message and the number of the error.
** @local
*/
static int make_folder(lua_State *L)
{
  char path[PATH_MAX];
  const char *named = luaL_checkstring(L, 1);
  if (strlen(named) >= sizeof path) {
    errno = ENAMETOOLONG;
    return luaL_fileresult(L, 0, named);
  }
  (void)snprintf(path, sizeof path, "%s", named);
  for (size_t i = 1; i < strlen(named); i++) {
    if (path[i] != '/')
      continue;
    path[i] = '\0';
    if (!make_one_folder(path))
      return luaL_fileresult(L, 0, path);
    path[i] = '/';
  }
  return luaL_fileresult(L, make_one_folder(path), named);
}

static const luaL_Reg functions[] = {
    {"exists", exists}, {"make_folder", make_folder}, {NULL, NULL}};

void binding_set_files(lua_State *L)
{
  luaL_newlib(L, functions);
  lua_setfield(L, -2, "files");
}
