#define _DEFAULT_SOURCE /* SIGXCPU, and RLIMIT_DATA */

/*
** process.apart calls a function in a child of this process, where it cannot
** change anything here. The child has limits on processor time, on time and on
** memory, writes no files, and has no standard input, output or error. It ends
** without closing the Lua state, so no finalizer of this process runs in it.
*/
#include "apart.h"

#include "base/platform.h"

#if PLATFORM_PROCESSES

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_SECONDS 3600
#define WAIT_FACTOR 20 /* a busy machine takes longer than its processor time */
#define DATA_FIELD 6   /* of /proc/self/statm, in pages */
#define RAISED 1       /* exit code of a child whose function raised an error */

/* Called in the child, which must not run the handlers of this process. */
static void forget_handlers(void)
{
  static const int signals[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                                SIGPIPE, SIGXFSZ, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
    (void)signal(signals[i], SIG_DFL);
}

static void set_limit(int resource, rlim_t soft, rlim_t hard)
{
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0)
    return;
  limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
  limit.rlim_max = hard < limit.rlim_max ? hard : limit.rlim_max;
  (void)setrlimit(resource, &limit);
}

/* The bytes that count for RLIMIT_DATA now; 0: the system does not tell. */
static rlim_t data_bytes(void)
{
  char line[256];
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL)
    return 0;
  bool is_read = fgets(line, sizeof line, file) != NULL;
  (void)fclose(file);
  char *rest = line;
  for (int field = 1; is_read && field <= DATA_FIELD; field++)
    pages = strtoul(rest, &rest, 10);
  return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void set_limits(rlim_t seconds, rlim_t bytes)
{
  rlim_t data = data_bytes();
  if (data != 0)
    set_limit(RLIMIT_DATA, data + bytes, data + bytes);
  set_limit(RLIMIT_CPU, seconds, seconds + 1);
  set_limit(RLIMIT_FSIZE, 0, 0);
  set_limit(RLIMIT_CORE, 0, 0);
  (void)alarm((unsigned)(WAIT_FACTOR * seconds));
}

static void close_standard_files(void)
{
  int null = open("/dev/null", O_RDWR);
  for (int file = STDIN_FILENO; null >= 0 && file <= STDERR_FILENO; file++)
    (void)dup2(null, file);
}

static bool write_all(int file, const char *text, size_t bytes)
{
  while (bytes > 0) {
    ssize_t written = write(file, text, bytes);
    if (written < 0)
      return false;
    text += written;
    bytes -= (size_t)written;
  }
  return true;
}

/* The child: calls the function on top of the stack. */
static _Noreturn void run_child(lua_State *L, int file)
{
  size_t bytes = 0;
  int status = lua_pcall(L, 0, 1, 0);
  const char *text =
      lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &bytes) : NULL;
  bool is_written = text != NULL && write_all(file, text, bytes);
  _exit(status == LUA_OK && is_written ? 0 : RAISED);
}

/* Pushes the text that the child writes, up to the end or a read error. */
static void read_text(lua_State *L, int file)
{
  luaL_Buffer text;
  ssize_t count;
  luaL_buffinit(L, &text);
  do {
    char *part = luaL_prepbuffer(&text);
    count = read(file, part, LUAL_BUFFERSIZE);
    if (count > 0)
      luaL_addsize(&text, (size_t)count);
  } while (count > 0 || (count < 0 && errno == EINTR));
  luaL_pushresult(&text);
}

/* The results of process.apart, after the text was pushed. */
static int results(lua_State *L, int status)
{
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return 1;
  lua_pushnil(L);
  lua_replace(L, -2);
  if (WIFSIGNALED(status) &&
      (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGALRM ||
       WTERMSIG(status) == SIGKILL))
    lua_pushliteral(L, "seconds");
  else
    lua_pushstring(L, WIFSIGNALED(status) ? "signal" : "error");
  return 2;
}

/* The parent: waits for the child and returns what it wrote. */
static int wait_for_child(lua_State *L, int file, pid_t child)
{
  int status = 0;
  read_text(L, file);
  (void)close(file);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return results(L, status);
}

/***
** process.apart(seconds, bytes, f): calls f() in a child of this process, which
** may use so many seconds of processor time, and so many bytes more than this
** process has now. Returns the string that f returns; or nil and "seconds",
** "signal" (such as a segmentation fault) or "error"; or nil, a message and the
** number of an error if there can be no child.
** @local
*/
int binding_apart(lua_State *L)
{
  lua_Integer seconds = luaL_checkinteger(L, 1);
  lua_Integer bytes = luaL_checkinteger(L, 2);
  int ends[2];
  luaL_argcheck(L, seconds >= 1 && seconds <= MOST_SECONDS, 1, "out of range");
  luaL_argcheck(L, bytes >= 0, 2, "out of range");
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  if (pipe(ends) != 0)
    return luaL_fileresult(L, 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    (void)close(ends[0]);
    forget_handlers();
    close_standard_files();
    set_limits((rlim_t)seconds, (rlim_t)bytes);
    run_child(L, ends[1]);
  }
  int error = errno;
  (void)close(ends[1]);
  if (child > 0)
    return wait_for_child(L, ends[0], child);
  (void)close(ends[0]);
  errno = error;
  return luaL_fileresult(L, 0, "fork");
}

#endif
