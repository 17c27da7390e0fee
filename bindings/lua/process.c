#define _POSIX_C_SOURCE 200809L

/*
** Signals and commands, for the command line. Only 'pymalloc' catches signals:
** a script that loads the library keeps its own handlers.
**
**   SIGINT, SIGTERM, SIGHUP, SIGQUIT
**       remove the temporary files, write the notes, and exit with 128 plus the
**       number. While a command runs, the signal is passed on to it instead,
**       and its number is returned when the command has ended.
**   SIGPIPE, SIGXFSZ
**       let the write fail (EPIPE, EFBIG)
**
** Handlers, unlike SIG_IGN, are not inherited by the programs that are started.
*/
#include "process.h"

#include "base/platform.h"

#if PLATFORM_PROCESSES

#include <errno.h>
#include <lauxlib.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apart.h"
#include "temporary.h"

extern char **environ;

#define SIGNAL_BASE 128

/* A handler has no argument for these. They change only if it is installed. */
static volatile sig_atomic_t command; /* the process that runs; 0: none */
static volatile sig_atomic_t caught;  /* the first signal while it ran */
static bool is_terminal; /* standard error, at the time of catch_signals */

static const char *word_of(int signal)
{
  if (signal == SIGTERM)
    return "terminated";
  return signal == SIGHUP ? "ended by a hangup" : "interrupted";
}

static void end_by(int signal)
{
  ssize_t written = 0;
  if (is_terminal) /* it may have written ^C */
    written = write(STDERR_FILENO, "\n", 1);
  (void)written;
  temporary_end(word_of(signal));
  _exit(SIGNAL_BASE + signal);
}

/* A signal of the terminal (si_code > 0) has reached the command already. */
static void on_signal(int signal, siginfo_t *info, void *context)
{
  int error = errno;
  (void)context;
  if (command == 0)
    end_by(signal);
  if (caught == 0)
    caught = signal;
  if (info->si_code <= 0)
    (void)kill((pid_t)command, signal);
  errno = error;
}

static void on_failed_write(int signal, siginfo_t *info, void *context)
{
  (void)signal;
  (void)info;
  (void)context;
}

/* A signal that is ignored, as SIGHUP is under nohup, stays so. */
static void catch_signal(int signal, void (*handler)(int, siginfo_t *, void *))
{
  struct sigaction action = {.sa_sigaction = handler,
                             .sa_flags = SA_SIGINFO | SA_RESTART};
  struct sigaction before;
  (void)sigfillset(&action.sa_mask);
  if (sigaction(signal, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    (void)sigaction(signal, &action, NULL);
}

/***
** process.catch_signals(): from now on signals end the process as the head of
** this file says.
** @local
*/
static int catch_signals(lua_State *L)
{
  struct sigaction by_default = {.sa_handler = SIG_DFL};
  (void)L;
  temporary_begin();
  is_terminal = isatty(STDERR_FILENO) == 1;
  (void)sigaction(SIGCHLD, &by_default, NULL); /* or waitpid finds no child */
  catch_signal(SIGPIPE, on_failed_write);
  catch_signal(SIGXFSZ, on_failed_write);
  catch_signal(SIGINT, on_signal);
  catch_signal(SIGTERM, on_signal);
  catch_signal(SIGHUP, on_signal);
  catch_signal(SIGQUIT, on_signal);
  return 0;
}

/***
** process.note(text): a signal that ends the process writes this too.
** @local
*/
static int note(lua_State *L)
{
  if (!temporary_add(NULL, luaL_checkstring(L, 1)))
    return luaL_error(L, "pymalloc: not enough memory");
  return 0;
}

/***
** process.end_by(signal): ends the process as that signal does.
** @local
*/
static int end_process(lua_State *L)
{
  end_by((int)luaL_checkinteger(L, 1));
  return 0;
}

/* Starts 'sh -c line' with the signal mask 'mask'. Returns 0 or an errno. */
static int spawn_shell(const char *line, const sigset_t *mask, pid_t *child)
{
  const char *words[] = {"sh", "-c", line, NULL};
  posix_spawnattr_t attributes;
  int error = posix_spawnattr_init(&attributes);
  if (error != 0)
    return error;
  error = posix_spawnattr_setsigmask(&attributes, mask);
  if (error == 0)
    error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  if (error == 0)
    error = posix_spawn(child, "/bin/sh", NULL, &attributes,
                        (char *const *)(uintptr_t)words, environ);
  posix_spawnattr_destroy(&attributes);
  return error;
}

static void set_command(pid_t child)
{
  if (temporary_is_kept())
    command = child;
}

/*
** Waits for the command. Returns its status as waitpid gives it. The process
** keeps its number until waitpid, so that no signal is passed on to another.
*/
static int wait_for(pid_t child)
{
  int status = 0;
  siginfo_t info;
  temporary_signals before;
  while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR) {
  }
  temporary_hold(&before);
  set_command(0);
  (void)waitpid(child, &status, 0);
  temporary_release(&before);
  return status;
}

/***
** process.execute(line): runs a line in the shell, as os.execute does. Returns
** "exit" or "signal", the exit code or the signal, and the first signal that
** this process got while the command ran, or nil; or nil and a message.
** @local
*/
static int execute(lua_State *L)
{
  const char *line = luaL_checkstring(L, 1);
  temporary_signals before;
  pid_t child;
  temporary_hold(&before);
  if (temporary_is_kept())
    caught = 0;
  int error = spawn_shell(line, &before, &child);
  if (error == 0)
    set_command(child);
  temporary_release(&before);
  if (error != 0) {
    errno = error;
    return luaL_fileresult(L, 0, "/bin/sh");
  }
  int status = wait_for(child);
  bool is_signal = WIFSIGNALED(status);
  lua_pushstring(L, is_signal ? "signal" : "exit");
  lua_pushinteger(L, is_signal ? WTERMSIG(status) : WEXITSTATUS(status));
  if (caught == 0)
    lua_pushnil(L);
  else
    lua_pushinteger(L, caught);
  return 3;
}

static const luaL_Reg functions[] = {
    {"catch_signals", catch_signals}, {"note", note},
    {"end_by", end_process},          {"execute", execute},
    {"apart", binding_apart},         {NULL, NULL}};

void binding_set_process(lua_State *L)
{
  luaL_newlib(L, functions);
  lua_pushinteger(L, EPIPE);
  lua_setfield(L, -2, "BROKEN_PIPE");
  lua_setfield(L, -2, "process");
}

#endif
