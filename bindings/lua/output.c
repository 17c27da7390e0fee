#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

/*
** The temporary files of outputs: functions for pymalloc.output, which states
** the rules. A failure returns nil and a message, as the functions of io do.
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
#include "temporary.h"

#define RANDOM_BYTES 10u
#define NAME_BYTES (RANDOM_BYTES + 1)

/* A random name, so that no other process can put a link there first. */
static bool random_name(char name[NAME_BYTES])
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
  unsigned char bytes[RANDOM_BYTES];
  if (getentropy(bytes, sizeof bytes) != 0)
    return false;
  for (unsigned i = 0; i < RANDOM_BYTES; i++)
    name[i] = letters[bytes[i] % (sizeof letters - 1)];
  name[RANDOM_BYTES] = '\0';
  return true;
}

/* Makes an empty file in a folder. Returns its descriptor, or -1. */
static int make_file(char path[PATH_MAX], const char *folder, const char *note,
                     mode_t mode)
{
  char name[NAME_BYTES];
  if (!random_name(name))
    return -1;
  if (snprintf(path, PATH_MAX, "%s/.pymalloc-%s", folder, name) >= PATH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  if (!temporary_add(path, note)) {
    errno = ENOMEM;
    return -1;
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) {
    int error = errno;
    temporary_forget(path);
    errno = error;
  }
  return fd;
}

static int push_file(lua_State *L, const char *path, int fd)
{
  if (fd < 0)
    return luaL_fileresult(L, 0, NULL);
  (void)close(fd);
  lua_pushstring(L, path);
  return 1;
}

/***
** output.beside(target, note): the path of a new, empty file in the folder of
** the target, with the permissions of the target or of an ordinary new file.
** @local
*/
static int beside(lua_State *L)
{
  char folder[PATH_MAX], path[PATH_MAX];
  struct stat about;
  const char *target = luaL_checkstring(L, 1);
  const char *note = luaL_optstring(L, 2, NULL);
  bool exists = stat(target, &about) == 0;
  output_copy_folder(folder, target);
  int fd = make_file(path, folder, note, exists ? 0600 : 0666);
  if (fd >= 0 && exists && !system_file_copy_permissions(fd, &about)) {
    int error = errno;
    (void)unlink(path);
    temporary_forget(path);
    (void)close(fd);
    fd = -1;
    errno = error;
  }
  return push_file(L, path, fd);
}

/***
** output.is_file(path): is there a regular file, which can be read twice?
** @local
*/
static int is_file(lua_State *L)
{
  struct stat about;
  lua_pushboolean(L, stat(luaL_checkstring(L, 1), &about) == 0 &&
                         S_ISREG(about.st_mode));
  return 1;
}

/***
** output.scratch(): the path of a new, empty file in the folder of temporary
** files ($TMPDIR, or /tmp), which only its owner can read.
** @local
*/
static int scratch(lua_State *L)
{
  char path[PATH_MAX];
  const char *folder = getenv("TMPDIR");
  if (folder == NULL || folder[0] == '\0')
    folder = "/tmp";
  int fd = make_file(path, folder, NULL, 0600);
  return fd < 0 ? luaL_fileresult(L, 0, folder) : push_file(L, path, fd);
}

/***
** output.rename(path, target): gives a temporary file its final name.
** @local
*/
static int rename_file(lua_State *L)
{
  temporary_signals before;
  const char *path = luaL_checkstring(L, 1), *target = luaL_checkstring(L, 2);
  temporary_hold(&before);
  bool is_renamed = rename(path, target) == 0;
  int error = errno;
  if (is_renamed)
    temporary_forget(path);
  temporary_release(&before);
  errno = error;
  return luaL_fileresult(L, is_renamed, NULL);
}

/***
** output.remove(path): removes a temporary file.
** @local
*/
static int remove_file(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  bool is_removed = unlink(path) == 0;
  int error = errno;
  temporary_forget(path);
  errno = error;
  return luaL_fileresult(L, is_removed, path);
}

static const luaL_Reg functions[] = {
    {"beside", beside},      {"is_file", is_file},    {"scratch", scratch},
    {"rename", rename_file}, {"remove", remove_file}, {NULL, NULL}};

void binding_set_output(lua_State *L)
{
  luaL_newlib(L, functions);
  binding_add_output_targets(L);
  lua_setfield(L, -2, "output");
}
