/*
** Measures Lua programs on different allocators, side by side. Each measurement
** runs in a process of its own; in each round every program runs once on each
** allocator.
**
**   bench-lua [--rounds N] [--peer NAME=PATH]... [--only PROGRAM[,PROGRAM]...]
**             [--peers ALLOCATOR[,ALLOCATOR]...] PROGRAM.lua...
**
** Prints, separated by tabs: allocator, program, round, seconds of processor
** time from lua_newstate to the end of lua_close, resident KiB at the peak. A
** program that fails ends the run.
*/
#define _GNU_SOURCE

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "allocators.h"
#include "../listed.h"
#include "versions.h"

#define PATHS_MAX 8

static struct {
  unsigned long rounds;
  const char *only, *peers;
  char *paths[PATHS_MAX]; /* NAME=PATH, in which a zero replaces the '=' */
  size_t path_count;
} options = {.rounds = 5};

static const char *path_of(const char *library)
{
  for (size_t i = 0; library != NULL && i < options.path_count; i++)
    if (strcmp(options.paths[i], library) == 0)
      return options.paths[i] + strlen(library) + 1;
  return NULL;
}

/* "words" for "bench/lua/programs/words.lua"; the caller frees it. */
static char *name_of(const char *program)
{
  const char *slash = strrchr(program, '/');
  char *name = strdup(slash != NULL ? slash + 1 : program);
  char *dot = strrchr(name, '.');
  if (dot != NULL)
    *dot = '\0';
  return name;
}

static double now(void)
{
  struct timespec time;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool run(lua_State *L, const struct allocator *allocator,
                const char *program)
{
  luaL_openlibs(L);
  if (allocator->module != NULL) {
    (void)lua_getglobal(L, "require");
    (void)lua_pushstring(L, allocator->module);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
      return false;
  }
  return luaL_dofile(L, program) == LUA_OK;
}

/*
** Runs in the child and returns its exit status: 0 also if the allocator
** cannot be opened; it is then missing from the output.
*/
static int measure(const struct allocator *allocator, const char *program,
                   const char *name, unsigned long round)
{
  struct rusage usage;
  void *context;
  if (!allocator_open(allocator, path_of(allocator->library), &context))
    return 0;
  double begin = now();
  lua_State *L = allocator->allocate != NULL
                     ? new_lua_state(allocator->allocate, context)
                     : luaL_newstate();
  if (L == NULL || !run(L, allocator, program)) {
    (void)fprintf(stderr, "bench-lua: %s: %s: %s\n", allocator->name, program,
                  L != NULL ? lua_tostring(L, -1) : "no memory for a state");
    return 1;
  }
  lua_close(L);
  double seconds = now() - begin;
  (void)getrusage(RUSAGE_SELF, &usage);
  printf("%s\t%s\t%lu\t%.4f\t%ld\n", allocator->name, name, round, seconds,
         usage.ru_maxrss);
  return 0;
}

static bool measure_in_child(const struct allocator *allocator,
                             const char *program, unsigned long round)
{
  int status = 0;
  char *name = name_of(program);
  (void)fflush(stdout);
  if (is_listed(options.only, name) &&
      is_listed(options.peers, allocator->name)) {
    pid_t child = fork();
    if (child == 0) {
      status = measure(allocator, program, name, round);
      (void)fflush(stdout);
      _exit(status);
    }
    (void)waitpid(child, &status, 0);
  }
  free(name);
  return status == 0;
}

static int run_all(char **programs)
{
  size_t count;
  const struct allocator *all = allocators(&count);
  for (unsigned long round = 1; round <= options.rounds; round++) {
    (void)fprintf(stderr, "round %lu of %lu\n", round, options.rounds);
    for (char **program = programs; *program != NULL; program++)
      for (size_t i = 0; i < count; i++)
        if (!measure_in_child(&all[i], *program, round))
          return 1;
  }
  return 0;
}

static bool read_option(const char *name, char *value)
{
  char *equals = strchr(value, '=');
  if (strcmp(name, "--rounds") == 0)
    options.rounds = strtoul(value, NULL, 10);
  else if (strcmp(name, "--only") == 0)
    options.only = value;
  else if (strcmp(name, "--peers") == 0)
    options.peers = value;
  else if (strcmp(name, "--peer") == 0 && equals != NULL &&
           options.path_count < PATHS_MAX) {
    *equals = '\0';
    options.paths[options.path_count++] = value;
  } else {
    return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  int i = 1;
  for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
    if (!read_option(argv[i], argv[i + 1])) {
      (void)fprintf(stderr, "bench-lua: unknown option %s\n", argv[i]);
      return 2;
    }
  return run_all(argv + i);
}
