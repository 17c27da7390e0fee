/*
** The analysis of a loaded trace: core.analysis, of which pymalloc/analyse.lua
** makes tables.
**
** The results are strings of 64-bit integers. They are counted into memory of
** Lua that is made first, because making an object may run code of the script,
** which may close the trace.
*/
#include "analysis.h"

#include <string.h>

#include "analyse/analysis.h"
#include "analyse/life_list.h"
#include "analyse/phase_figures.h"
#include "argument.h"
#include "loaded.h"
#include "run_type.h"
#include "table.h"
#include "type.h"

/* The arguments of analysis.run, and the memory for its results. */
enum { LOADED = 1, ALIGNMENT, THRESHOLD, YOUNG, POINTS, RESULTS };

#define THRESHOLD_MAX ((lua_Integer)1 << 20)
#define POINTS_MAX ((lua_Integer)1 << 20)

/* How many of each part there are. */
struct counts {
  size_t sizes, classes, sites, points;
};

/* The memory of the results, in this order. */
struct results {
  struct analysis analysis;
  uint64_t parts[]; /* sizes, classes, sites, points */
};

#define WORDS(type) (sizeof(type) / sizeof(uint64_t))

static size_t bytes_of(const struct counts *counts)
{
  return sizeof(struct results) +
         sizeof(uint64_t) *
             (counts->sizes + counts->classes * WORDS(struct class_figures) +
              counts->sites * WORDS(struct site_figures) +
              counts->points * WORDS(struct live_point));
}

static struct counts counts_of(lua_State *L, const struct loaded_trace *trace)
{
  size_t points = (size_t)lua_tointeger(L, POINTS);
  size_t threshold = (size_t)lua_tointeger(L, THRESHOLD);
  size_t classes = threshold / (size_t)lua_tointeger(L, ALIGNMENT);
  return (struct counts){threshold + 1, classes + 1, trace->tree.count + 1,
                         points < trace->count ? points : trace->count};
}

/*
** Raises an error unless the alignment is a power of two and the threshold a
** multiple of it. A geometry allows fewer values.
*/
static void check_arguments(lua_State *L)
{
  lua_Integer alignment =
      binding_check_integer(L, ALIGNMENT, "analyse: alignment", 1, 4096);
  lua_Integer threshold = binding_check_integer(
      L, THRESHOLD, "analyse: threshold", alignment, THRESHOLD_MAX);
  (void)binding_check_integer(L, YOUNG, "analyse: young", 1, LUA_MAXINTEGER);
  (void)binding_check_integer(L, POINTS, "analyse: points", 1, POINTS_MAX);
  if (!is_power_of_two((size_t)alignment) || threshold % alignment != 0)
    luaL_error(L, "pymalloc: analyse: alignment must be a power of two, and "
                  "threshold a multiple of it");
}

/* Sets up the memory at RESULTS, whose parts lie behind one another. */
static struct analysis *place(lua_State *L, const struct counts *counts)
{
  struct results *results = lua_touserdata(L, RESULTS);
  if (results == NULL || lua_rawlen(L, RESULTS) != bytes_of(counts))
    luaL_error(L, "pymalloc: the memory for a result is gone");
  memset(results, 0, bytes_of(counts)); /* NOLINT: luaL_error does not return */
  struct analysis *analysis = &results->analysis;
  uint64_t *part = results->parts;
  analysis->sizes_exact = part;
  part += counts->sizes;
  analysis->classes = (struct class_figures *)part;
  part += counts->classes * WORDS(struct class_figures);
  analysis->sites = (struct site_figures *)part;
  part += counts->sites * WORDS(struct site_figures);
  analysis->curve = (struct live_point *)part;
  analysis->point_count = counts->points;
  analysis->alignment = (size_t)lua_tointeger(L, ALIGNMENT);
  analysis->threshold = (size_t)lua_tointeger(L, THRESHOLD);
  analysis->young = (uint64_t)lua_tointeger(L, YOUNG);
  return analysis;
}

/* The results, if they are where they were. */
static const struct analysis *results_at(lua_State *L,
                                         const struct analysis *analysis)
{
  if (lua_touserdata(L, RESULTS) != analysis)
    luaL_error(L, "pymalloc: the result is gone");
  return analysis;
}

static void push_words(lua_State *L, const void *words, size_t count)
{
  lua_pushlstring(L, words, count * sizeof(uint64_t));
}

/* Pushes the five strings. */
static int push_results(lua_State *L, const struct analysis *analysis,
                        const struct counts *counts)
{
  size_t fixed = sizeof *analysis - offsetof(struct analysis, figures);
  push_words(L, &results_at(L, analysis)->figures, fixed / sizeof(uint64_t));
  push_words(L, results_at(L, analysis)->sizes_exact, counts->sizes);
  push_words(L, results_at(L, analysis)->classes,
             counts->classes * WORDS(struct class_figures));
  push_words(L, results_at(L, analysis)->sites,
             counts->sites * WORDS(struct site_figures));
  push_words(L, results_at(L, analysis)->curve,
             counts->points * WORDS(struct live_point));
  return 5;
}

/*
** analysis.run(loaded, alignment, threshold, young, points): five strings: the
** figures and bins, the requests by exact size, the classes, the sites, and the
** points of the curve; or nil and a message.
*/
static int run(lua_State *L)
{
  lua_settop(L, POINTS);
  check_arguments(L);
  struct counts counts = counts_of(L, binding_check_loaded(L, LOADED));
  (void)binding_push_scratch(L, bytes_of(&counts));
  check_arguments(L);
  const struct loaded_trace *trace = binding_check_loaded(L, LOADED);
  struct counts again = counts_of(L, trace);
  if (memcmp(&again, &counts, sizeof counts) != 0)
    return luaL_error(L, "pymalloc: analyse: an argument was changed");
  struct analysis *analysis = place(L, &counts);
  switch (analysis_run(analysis, trace)) {
  case ANALYSIS_DONE:
    return push_results(L, analysis, &counts);
  case ANALYSIS_NO_MEMORY:
    return binding_fail(L, "not enough memory", "ENOMEM");
  case ANALYSIS_TOO_LARGE:
    return binding_fail(
        L,
        "the trace asks for more than 2^62 bytes in all, which cannot be "
        "counted",
        "trace");
  }
  return 0;
}

/*
** analysis.phases(loaded, starts): the figures of phases as a string. 'starts'
** is a string of 64-bit integers: the first request of each, the first one 1.
*/
static int phases(lua_State *L)
{
  enum { STARTS = 2, PHASES };
  size_t bytes;
  (void)binding_check_loaded(L, LOADED);
  (void)luaL_checklstring(L, STARTS, &bytes);
  lua_settop(L, STARTS);
  size_t count = bytes / sizeof(uint64_t);
  struct phase_figures *figures =
      binding_push_scratch(L, count * sizeof figures[0]);
  size_t bytes_now;
  const char *starts = luaL_checklstring(L, STARTS, &bytes_now);
  const struct loaded_trace *trace = binding_check_loaded(L, LOADED);
  luaL_argcheck(L, bytes_now == bytes, STARTS, "changed");
  memset(figures, 0, count * sizeof figures[0]);
  uint64_t before = 1;
  for (size_t i = 0; i < count; i++) {
    memcpy(&figures[i].from, starts + i * sizeof before, sizeof before);
    luaL_argcheck(L,
                  figures[i].from >= before &&
                      figures[i].from <= trace->count + 1 &&
                      (i > 0 || figures[i].from == 1),
                  STARTS, "not in order");
    before = figures[i].from;
  }
  if (!phase_figures_fill(figures, count, trace))
    return binding_fail(L, "not enough memory", "ENOMEM");
  push_words(L, figures, count * WORDS(struct phase_figures));
  return 1;
}

/* Copies the list of lives into memory of Lua. false: it is too small. */
static bool copy_lives(const struct life_list *list, char *memory, size_t room)
{
  size_t life_bytes = list->life_count * sizeof list->lives[0];
  size_t resize_bytes = list->resize_count * sizeof list->resizes[0];
  if (life_bytes + resize_bytes > room)
    return false;
  memcpy(memory, list->lives, life_bytes);
  memcpy(memory + life_bytes, list->resizes, resize_bytes);
  return true;
}

/*
** analysis.lives(loaded): a string with the blocks of the trace, in the order
** of their births, and one with their reallocs; struct listed_life and struct
** listed_resize say what they hold. Each request adds at most one of them.
*/
static int lives(lua_State *L)
{
  struct life_list list;
  lua_settop(L, LOADED);
  size_t room =
      binding_check_loaded(L, LOADED)->count * sizeof(struct listed_life);
  char *memory = binding_push_scratch(L, room);
  if (!life_list_open(&list, binding_check_loaded(L, LOADED)))
    return binding_fail(L, "not enough memory", "ENOMEM");
  bool is_copied = copy_lives(&list, memory, room);
  size_t life_bytes = list.life_count * sizeof list.lives[0];
  size_t resize_bytes = list.resize_count * sizeof list.resizes[0];
  life_list_close(&list);
  if (!is_copied)
    return luaL_error(L, "pymalloc: an argument was changed");
  lua_pushlstring(L, memory, life_bytes);
  if (lua_touserdata(L, LOADED + 1) != memory)
    return luaL_error(L, "pymalloc: the result is gone");
  lua_pushlstring(L, memory + life_bytes, resize_bytes);
  return 2;
}

static_assert(sizeof(struct listed_resize) <= sizeof(struct listed_life),
              "a request adds no more bytes than a life has");

/* A copy of a text of the trace: pushing a value may close the trace. */
struct copied_text {
  size_t bytes;
  char text[TRACE_TEXT_MAX];
};

static struct copied_text copy_text(const struct loaded_trace *trace,
                                    const struct text_place *place)
{
  struct copied_text copied = {.bytes = place->bytes};
  assert(place->bytes <= sizeof copied.text);
  memcpy(copied.text, trace->texts.bytes + place->offset, place->bytes);
  return copied;
}

/* analysis.site(loaded, number): the text of a site, and its parent or 0. */
static int site(lua_State *L)
{
  const struct loaded_trace *trace = binding_check_loaded(L, LOADED);
  lua_Integer number = binding_check_integer(L, 2, "analyse: site", 1,
                                             (lua_Integer)trace->tree.count);
  const struct site *found = site_tree_get(&trace->tree, (uint32_t)number);
  uint32_t parent = found->parent;
  struct copied_text copied = copy_text(trace, &found->text);
  lua_pushlstring(L, copied.text, copied.bytes);
  lua_pushinteger(L, (lua_Integer)parent);
  return 2;
}

/* analysis.mark(loaded, i): the request before a mark and its text; or nil. */
static int mark(lua_State *L)
{
  const struct loaded_trace *trace = binding_check_loaded(L, LOADED);
  lua_Integer number =
      binding_check_integer(L, 2, "analyse: mark", 1, LUA_MAXINTEGER);
  if ((uint64_t)number > trace->mark_count) {
    luaL_pushfail(L);
    return 1;
  }
  struct mark found = trace->marks[number - 1];
  struct copied_text copied = copy_text(trace, &found.text);
  lua_pushinteger(L, (lua_Integer)found.after);
  lua_pushlstring(L, copied.text, copied.bytes);
  return 2;
}

/* Sets an array of names in the table on the top. */
static void set_names(lua_State *L, const char *field, const char *const *names)
{
  lua_newtable(L);
  for (lua_Integer i = 1; *names != NULL; names++, i++) {
    lua_pushstring(L, *names);
    lua_rawseti(L, -2, i);
  }
  lua_setfield(L, -2, field);
}

#define X(name) #name,
static const char *const figure_names[] = {ANALYSIS_FIGURES(X) NULL};
static const char *const class_names[] = {CLASS_FIGURES(X) NULL};
static const char *const site_names[] = {SITE_FIGURES(X) NULL};
static const char *const phase_names[] = {PHASE_FIGURES(X) NULL};
static const char *const quantile_names[] = {QUANTILES(X) NULL};
#undef X

static const luaL_Reg functions[] = {{"run", run},     {"phases", phases},
                                     {"lives", lives}, {"site", site},
                                     {"mark", mark},   {NULL, NULL}};

void binding_set_analysis(lua_State *L)
{
  luaL_newlib(L, functions);
  set_names(L, "figures", figure_names);
  set_names(L, "class_figures", class_names);
  set_names(L, "site_figures", site_names);
  set_names(L, "phase_figures", phase_names);
  set_names(L, "quantiles", quantile_names);
  lua_setfield(L, -2, "analysis");
}
