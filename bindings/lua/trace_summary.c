/*
** The summary of a replay: its statistics, and those of its heap at the end.
*/
#include <string.h>

#include "trace_parts.h"

/***
** pymalloc.Summary: the result of a replay. Bytes are those requested.
** @tfield integer requests number of all requests
** @tfield integer mallocs number of malloc requests
** @tfield integer callocs number of calloc requests
** @tfield integer reallocs number of realloc requests
** @tfield integer frees number of free requests
** @tfield integer small requests that pools served
** @tfield integer raw requests that raw served
** @tfield integer refused requests that got no block: there was no memory, or
** they are larger than any block
** @tfield integer malloc_bytes bytes of the malloc requests that were served
** @tfield integer calloc_bytes bytes of the calloc requests that were served
** @tfield integer realloc_bytes bytes of the realloc requests that were served
** @tfield integer realloc_in_place resizes that left a block of a pool where it
** was
** @tfield integer realloc_moved resizes that moved a block out of its place in a
** pool
** @tfield integer realloc_raw resizes of a raw block
** @tfield integer realloc_fresh resizes of an id that was not live: each
** allocated a block
** @tfield integer free_nothing frees of an id that was not live
** @tfield integer live_blocks live blocks at the end
** @tfield integer live_bytes bytes of these blocks
** @tfield integer live_small_bytes bytes of the live blocks in pools
** @tfield integer peak_live_blocks most live blocks at one time
** @tfield integer peak_live_bytes most bytes of live blocks at one time
** @tfield integer peak_live_small_bytes most bytes of live blocks in pools at
** one time
** @tfield[opt] integer interpreter number of the interpreter, if it is not 0
** @tfield[opt] pymalloc.Summary[] interpreters the other interpreters, if the
** trace has several: the fields above are then of interpreter 0
** @tfield[opt] table[] phases the marks of the trace, if it has any, each with
** text, and the numbers of that moment, of all interpreters: requests,
** live_blocks, live_bytes, arenas, arena_bytes
** @tfield[opt] integer phases_left_out marks beyond the first 10,000
** @tfield boolean stopped whether the progress function ended the replay
** @tfield table heap the heap at the end: some fields of pymalloc.Stats
*/

struct figure {
  const char *name;
  size_t place; /* the offset of the number in its record */
  size_t bytes; /* of the number: a size_t or a uint64_t */
};

#define FIGURE_OF(record, field)                                  \
  {                                                               \
#field, offsetof(record, field), sizeof(((record *)0)->field) \
  }
#define FIGURE(field) FIGURE_OF(struct replay_stats, field)
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

#define FIGURE(field) FIGURE_OF(pym_stats, field)
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
                                             FIGURE(arena_bytes),
                                             FIGURE(reserved_bytes)};
#undef FIGURE

#define COUNT_OF(figures) (sizeof(figures) / sizeof(figures)[0])

static_assert(COUNT_OF(replay_figures) == sizeof(struct replay_stats) / 8,
              "every figure of the replay is there");

/* Sets a field for each figure of a record, which has only such numbers. */
static void set_figures(lua_State *L, const void *record,
                        const struct figure *figures, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const char *place = (const char *)record + figures[i].place;
    uint64_t number;
    size_t size;
    if (figures[i].bytes == sizeof size) {
      memcpy(&size, place, sizeof size);
      number = size;
    } else {
      memcpy(&number, place, sizeof number);
    }
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
