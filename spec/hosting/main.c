/*
** Runs scripts in Lua states that are made on a heap: for Lua's own tests.
**
**   hosted one FILE            one state
**   hosted first FILE COPY     two states on one heap, which alternate every
**   hosted second FILE COPY    few thousand requests; the first or the second
**                              one is closed first
**
** FILE and COPY are scripts of the same name in two folders; each state runs
** in its own folder. The script in the environment variable PRELUDE is run
** before. At the end, the number of requests is printed. The exit code is 1 if
** a script has failed, a block is left, or an invariant of the heap is broken.
*/
#define _GNU_SOURCE

#include <fcntl.h>
#include <lauxlib.h>
#include <libgen.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "pymalloc.h"
#include "versions.h"

#define TURN 3000u                      /* requests */
#define STACK_BYTES ((size_t)256 << 20) /* of which only the top is touched */

struct runner {
  ucontext_t context;
  char *file;
  int folder;
  bool is_done, has_failed;
  lua_State *L;
};

static struct {
  pym_heap *heap;
  unsigned long requests, turns;
  ucontext_t main;
  struct runner runners[2];
  struct runner *now; /* the one that runs; NULL: the states do not alternate */
} all;

static void give_way(void)
{
  struct runner *from = all.now;
  struct runner *to = &all.runners[from == &all.runners[0]];
  if (to->is_done)
    return;
  all.turns++;
  all.now = to;
  if (fchdir(to->folder) != 0)
    abort();
  (void)swapcontext(&from->context, &to->context);
}

static void *counting_alloc(void *context, void *block, size_t old_bytes,
                            size_t bytes)
{
  all.requests++;
  if (all.now != NULL && all.requests % TURN == 0)
    give_way();
  return pym_lua_alloc(context, block, old_bytes, bytes);
}

/* Sets arg[-1] to "lua", for scripts that start the interpreter. */
static void set_arguments(lua_State *L, const char *file)
{
  const char *interpreter = getenv("LUA");
  lua_newtable(L);
  (void)lua_pushstring(L, interpreter != NULL ? interpreter : "lua");
  lua_rawseti(L, -2, -1);
  (void)lua_pushstring(L, file);
  lua_rawseti(L, -2, 0);
  lua_setglobal(L, "arg");
}

static void warn(void *context, const char *text, int is_continued)
{
  (void)context;
  (void)fprintf(stderr, is_continued ? "%s" : "%s\n", text);
}

static void run(struct runner *runner)
{
  const char *prelude = getenv("PRELUDE");
  lua_State *L = new_lua_state(counting_alloc, all.heap);
  runner->L = L;
  runner->has_failed = true;
  if (L == NULL)
    return;
  lua_setwarnf(L, warn, NULL);
  luaL_openlibs(L);
  set_arguments(L, basename(runner->file));
  runner->has_failed = (prelude != NULL && luaL_dostring(L, prelude)) ||
                       luaL_dofile(L, basename(runner->file));
  if (runner->has_failed)
    (void)fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
}

/* Never returns: at its end the other state continues, or else main. */
static void run_in_turns(void)
{
  struct runner *runner = all.now;
  struct runner *other = &all.runners[runner == &all.runners[0]];
  run(runner);
  runner->is_done = true;
  if (other->is_done) {
    all.now = NULL;
    (void)setcontext(&all.main);
  }
  give_way();
}

static void open_runner(struct runner *runner, char *file)
{
  char *copy = strdup(file);
  runner->file = file;
  runner->folder = open(dirname(copy), O_RDONLY | O_DIRECTORY);
  free(copy);
  if (runner->folder < 0 || fchdir(runner->folder) != 0) {
    perror(file);
    exit(2);
  }
}

static void give_stack(struct runner *runner)
{
  void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED || getcontext(&runner->context) != 0) {
    perror("stack");
    exit(2);
  }
  runner->context.uc_stack.ss_sp = stack;
  runner->context.uc_stack.ss_size = STACK_BYTES;
  makecontext(&runner->context, run_in_turns, 0);
}

static void run_two(char **files, bool closes_second_first)
{
  for (size_t i = 0; i < 2; i++) {
    open_runner(&all.runners[i], files[i]);
    give_stack(&all.runners[i]);
  }
  all.now = &all.runners[0];
  if (fchdir(all.now->folder) == 0)
    (void)swapcontext(&all.main, &all.now->context);
  for (size_t i = 0; i < 2; i++) {
    struct runner *closed = &all.runners[i != closes_second_first];
    if (closed->L != NULL && fchdir(closed->folder) == 0)
      lua_close(closed->L);
  }
}

/*
** Prints the number of requests. Returns whether the heap is empty and whole.
*/
static bool look_at_heap(void)
{
  pym_stats stats;
  pym_fault fault = {0};
  bool is_whole = pym_check(all.heap, &fault);
  (void)pym_heap_trim(all.heap);
  pym_heap_stats(all.heap, &stats, NULL);
  (void)fprintf(stderr,
                "hosted: %lu requests, %lu turns, %zu arenas at the peak, %zu "
                "blocks left%s%s\n",
                all.requests, all.turns, stats.arenas_highwater, stats.blocks,
                is_whole ? "" : ", broken: ", is_whole ? "" : fault.invariant);
  return is_whole && stats.blocks == 0 && stats.arenas_highwater > 0;
}

int main(int argc, char **argv)
{
  pym_options options = pym_options_hosting();
  const char *how = argc > 1 ? argv[1] : "";
  bool is_one = strcmp(how, "one") == 0 && argc == 3;
  bool is_second = strcmp(how, "second") == 0;
  if (!is_one && !((strcmp(how, "first") == 0 || is_second) && argc == 4)) {
    (void)fprintf(stderr, "usage: hosted one FILE | first FILE COPY | second "
                          "FILE COPY\n");
    return 2;
  }
  all.heap = pym_heap_new(&options);
  if (all.heap == NULL)
    return 1;
  if (is_one) {
    open_runner(&all.runners[0], argv[2]);
    run(&all.runners[0]);
    if (all.runners[0].L != NULL)
      lua_close(all.runners[0].L);
  } else {
    run_two(argv + 2, is_second);
  }
  bool is_empty = look_at_heap();
  pym_heap_delete(all.heap);
  return !is_empty || all.runners[0].has_failed || all.runners[1].has_failed;
}
