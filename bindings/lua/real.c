/*
** Replays on the allocators of other processes: real.run, from which
** pymalloc/real.lua makes pymalloc.real.replay.
*/
#include "real.h"

#include "base/platform.h"

#if PLATFORM_PROCESSES

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "loaded.h"
#include "real_process.h"
#include "table.h"
#include "type.h"

#define MOST_SAMPLES 1000000
#define MOST_SECONDS 1000000
#define MOST_WORDS 64
#define WORD_BYTES 8192u /* of all words together */

/* The arguments of run, and the place of its memory on the stack. */
enum { LOADED = 1, WORDS, KIND, TOUCH, HUGE_PAGES, SAMPLES, SECONDS, MEMORY };

/* All that run needs while no Lua object may be made. */
struct memory {
  char *words[MOST_WORDS + 1];
  char text[WORD_BYTES];
  int error; /* an errno; 0: the process ran */
  struct real_plan plan;
  enum real_end end;
  int code;
  char output[REAL_OUTPUT_BYTES];
  struct real_sample samples[];
};

static struct real_choice check_choice(lua_State *L)
{
  return (struct real_choice){
      .kind = (enum real_kind)binding_check_integer(L, KIND, "real.run: kind",
                                                    0, REAL_CPYTHON),
      .touch = (enum real_touch)binding_check_integer(
          L, TOUCH, "real.run: touch", 0, REAL_TOUCH_NONE),
      .huge_pages = lua_toboolean(L, HUGE_PAGES) != 0,
      .samples = (size_t)binding_check_integer(L, SAMPLES, "real: samples", 1,
                                               MOST_SAMPLES),
      .seconds = (size_t)binding_check_integer(L, SECONDS, "real: timeout", 1,
                                               MOST_SECONDS)};
}

/* Copies the words of the command, an array at WORDS. */
static void copy_words(lua_State *L, struct memory *memory)
{
  size_t used = 0, count = 0;
  luaL_checktype(L, WORDS, LUA_TTABLE);
  for (; lua_rawgeti(L, WORDS, (lua_Integer)count + 1) == LUA_TSTRING;
       count++) {
    size_t bytes;
    const char *word = lua_tolstring(L, -1, &bytes);
    if (count == MOST_WORDS || bytes >= WORD_BYTES - used)
      luaL_error(L, "pymalloc: real: the command is too long");
    memory->words[count] = memcpy(memory->text + used, word, bytes + 1);
    used += bytes + 1;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  luaL_argcheck(L, count > 0, WORDS, "no command");
}

/* The outcome, with the counts of the plan, and with all texts ended. */
static struct real_plan plan_of(const struct real_process *process)
{
  struct real_plan plan = *process->plan;
  char *const texts[] = {plan.library, plan.source, plan.trim, plan.problem};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    texts[i][REAL_TEXT_BYTES - 1] = '\0';
  plan.sample_count = process->sample_count;
  plan.request_count = process->request_count;
  return plan;
}

/* Runs the command, and copies the outcome. */
static void run_command(struct memory *memory,
                        const struct loaded_trace *loaded,
                        const struct real_choice *choice)
{
  struct real_process process;
  if (real_process_plan(&process, loaded, choice) &&
      real_process_run(&process, memory->words, choice->seconds)) {
    memory->plan = plan_of(&process);
    memory->end = process.end;
    memory->code = process.code;
    memcpy(memory->output, process.output, sizeof process.output);
    memcpy(memory->samples, process.samples,
           process.sample_count * sizeof memory->samples[0]);
  } else {
    memory->error = errno == 0 ? ENOMEM : errno;
  }
  real_process_close(&process);
}

/* Sets a field to an array of one number of each sample. */
static void set_series(lua_State *L, const char *name,
                       const struct memory *memory, size_t offset)
{
  lua_createtable(L, (int)memory->plan.sample_count, 0);
  for (size_t i = 0; i < memory->plan.sample_count; i++) {
    uint64_t value;
    memcpy(&value, (const char *)&memory->samples[i] + offset, sizeof value);
    lua_pushinteger(L, (lua_Integer)value);
    table_append(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, name);
}

static void push_outcome(lua_State *L, const struct memory *memory)
{
  static const char *const ends[] = {"exit", "signal", "timeout"};
  const struct real_plan *plan = &memory->plan;
  lua_createtable(L, 0, 20);
  table_set_string(L, "ended", ends[memory->end]);
  table_set_integer(L, "code", (uint64_t)memory->code);
  table_set_string(L, "output", memory->output);
  lua_pushboolean(L, plan->is_begun != 0);
  lua_setfield(L, -2, "is_begun");
  lua_pushboolean(L, plan->is_done != 0);
  lua_setfield(L, -2, "is_done");
  table_set_integer(L, "done", plan->done);
  table_set_integer(L, "requests", plan->request_count);
  table_set_integer(L, "baseline", plan->baseline);
  table_set_integer(L, "trimmed", plan->trimmed);
  table_set_integer(L, "refused", plan->refused);
  table_set_integer(L, "page_faults", plan->page_faults);
  lua_pushnumber(L, plan->seconds);
  lua_setfield(L, -2, "seconds");
  table_set_string(L, "library", plan->library);
  table_set_string(L, "source", plan->source);
  table_set_string(L, "trim", plan->trim);
  table_set_string(L, "problem", plan->problem);
  set_series(L, "after", memory, offsetof(struct real_sample, after));
  set_series(L, "resident", memory, offsetof(struct real_sample, resident));
  set_series(L, "live", memory, offsetof(struct real_sample, live));
}

/***
** real.run(loaded, words, kind, touch, huge_pages, samples, seconds): runs a
** command that replays the trace. Returns a table with the outcome; or nil and
** a message.
** @local
*/
static int run(lua_State *L)
{
  lua_settop(L, SECONDS);
  struct real_choice choice = check_choice(L);
  struct memory *memory = binding_push_scratch(
      L, sizeof *memory + (choice.samples + 1) * sizeof memory->samples[0]);
  memset(memory, 0, sizeof *memory);
  copy_words(L, memory);
  errno = 0;
  run_command(memory, binding_check_loaded(L, LOADED), &choice);
  if (memory->error != 0) {
    lua_pushnil(L);
    lua_pushstring(L, strerror(memory->error));
    return 2;
  }
  push_outcome(L, memory);
  return 1;
}

void binding_set_real(lua_State *L)
{
  static const luaL_Reg functions[] = {{"run", run}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushinteger(L, REAL_PLAN_FILE);
  lua_setfield(L, -2, "PLAN_FILE");
  lua_setfield(L, -2, "real");
}

#endif
