#include "analyse/phase_figures.h"

#include <stdlib.h>

#include "analyse/life.h"

/* The blocks and bytes that are live. */
struct live {
  uint64_t blocks, bytes;
};

/* Counts a request in its phase. */
static void count_request(struct phase_figures *phase, struct live *live,
                          struct life *life, const struct request *request)
{
  enum life_step step = life_step_of(life, request);
  if (step == LIFE_NOTHING || step == LIFE_REFUSED)
    return;
  uint64_t before = step == LIFE_BEGINS ? 0 : life->bytes;
  uint64_t after = step == LIFE_ENDS ? 0 : request->bytes;
  phase->births += step == LIFE_BEGINS;
  phase->deaths += step == LIFE_ENDS;
  phase->allocated_bytes += after > before ? after - before : 0;
  phase->freed_bytes += before > after ? before - after : 0;
  live->blocks += (step == LIFE_BEGINS) - (uint64_t)(step == LIFE_ENDS);
  live->bytes += after - before;
  life->born = step != LIFE_ENDS;
  life->bytes = after;
}

static void fill(struct phase_figures *phase, const struct loaded_trace *trace,
                 struct life *lives, struct live *live)
{
  phase->peak_live_bytes = live->bytes;
  for (uint64_t number = phase->from; number <= phase->to; number++) {
    const struct request *request = &trace->items[number - 1];
    count_request(phase, live, life_of(lives, request), request);
    if (live->bytes > phase->peak_live_bytes)
      phase->peak_live_bytes = live->bytes;
  }
  phase->live_blocks = live->blocks;
  phase->live_bytes = live->bytes;
}

bool phase_figures_fill(struct phase_figures *phases, size_t count,
                        const struct loaded_trace *trace)
{
  struct live live = {0};
  struct life *lives = calloc(trace->handle_count + 1, sizeof *lives);
  if (lives == NULL)
    return false;
  for (size_t i = 0; i < count; i++) {
    assert(phases[i].from >= 1 && phases[i].from <= trace->count + 1);
    phases[i].to = i + 1 < count ? phases[i + 1].from - 1 : trace->count;
    fill(&phases[i], trace, lives, &live);
  }
  free(lives);
  return true;
}
