/*
** The summary of a replay: every figure of its statistics, and what its heap is
** like at the end.
*/
#include <string.h>

#include "trace_parts.h"

/***
** pymalloc.Summary: what became of the requests of a trace.
** @tfield integer requests all of them
** @tfield integer mallocs
** @tfield integer callocs
** @tfield integer reallocs
** @tfield integer frees
** @tfield integer small served by pools
** @tfield integer raw served by raw
** @tfield integer refused
** @tfield integer malloc_bytes asked for
** @tfield integer calloc_bytes
** @tfield integer realloc_bytes
** @tfield integer realloc_in_place
** @tfield integer realloc_moved
** @tfield integer realloc_raw of a raw block
** @tfield integer realloc_fresh of an id that was not live
** @tfield integer free_nothing of an id that was not live
** @tfield integer live_blocks at the end
** @tfield integer live_bytes
** @tfield integer live_small_bytes in pools
** @tfield integer peak_live_blocks
** @tfield integer peak_live_bytes
** @tfield integer peak_live_small_bytes
** @tfield boolean stopped by the progress function
** @tfield table heap at the end: fields of pymalloc.Stats
*/

struct figure {
  const char *name;
  size_t place; /* of a 64-bit number in its record */
};

#define FIGURE(field)                            \
  {                                              \
#field, offsetof(struct replay_stats, field) \
  }
static const struct figure replay_figures[] = {FIGURE(requests),
                                               FIGURE(mallocs),
                                               FIGURE(callocs),
                                               FIGURE(reallocs),
                                               FIGURE(frees),
                                               FIGURE(small),
                                               FIGURE(raw),
                                               FIGURE(refused),
                                               FIGURE(malloc_bytes),
                                               FIGURE(calloc_bytes),
                                               FIGURE(realloc_bytes),
                                               FIGURE(realloc_in_place),
                                               FIGURE(realloc_moved),
                                               FIGURE(realloc_raw),
                                               FIGURE(realloc_fresh),
                                               FIGURE(free_nothing),
                                               FIGURE(live_blocks),
                                               FIGURE(live_bytes),
                                               FIGURE(live_small_bytes),
                                               FIGURE(peak_live_blocks),
                                               FIGURE(peak_live_bytes),
                                               FIGURE(peak_live_small_bytes)};
#undef FIGURE

#define FIGURE(field)                  \
  {                                    \
#field, offsetof(pym_stats, field) \
  }
static const struct figure heap_figures[] = {FIGURE(arenas_allocated_total),
                                             FIGURE(arenas_reclaimed),
                                             FIGURE(arenas_highwater),
                                             FIGURE(arenas_current),
                                             FIGURE(blocks),
                                             FIGURE(raw_blocks),
                                             FIGURE(allocated_bytes),
                                             FIGURE(available_bytes),
                                             FIGURE(unused_pool_bytes),
                                             FIGURE(header_bytes),
                                             FIGURE(quantization_bytes),
                                             FIGURE(alignment_bytes),
                                             FIGURE(arena_bytes)};
#undef FIGURE

#define COUNT_OF(figures) (sizeof(figures) / sizeof(figures)[0])

static_assert(COUNT_OF(replay_figures) == sizeof(struct replay_stats) / 8,
              "every figure of the replay is there");
static_assert(sizeof(size_t) == sizeof(uint64_t), "both kinds read alike");

static void set_figures(lua_State *L, const void *record,
                        const struct figure *figures, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    uint64_t number;
    memcpy(&number, (const char *)record + figures[i].place, sizeof number);
    lua_pushinteger(L, (lua_Integer)number);
    lua_setfield(L, -2, figures[i].name);
  }
}

void trace_push_summary(lua_State *L, const struct replay_stats *replayed,
                        const pym_stats *stats)
{
  lua_createtable(L, 0, COUNT_OF(replay_figures) + 2);
  set_figures(L, replayed, replay_figures, COUNT_OF(replay_figures));
  lua_createtable(L, 0, COUNT_OF(heap_figures));
  set_figures(L, stats, heap_figures, COUNT_OF(heap_figures));
  lua_setfield(L, -2, "heap");
}
