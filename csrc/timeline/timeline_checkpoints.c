#include <stdlib.h>
#include <string.h>

#include "timeline/timeline_parts.h"

static uint64_t interval_for(uint64_t length)
{
  uint64_t interval = length / RUN_CHECKPOINTS + 1;
  return interval < RUN_INTERVAL_MIN ? RUN_INTERVAL_MIN : interval;
}

static void drop_mark(struct run *run, struct run_mark *mark)
{
  run->mark_bytes -= mark->heap.filled + mark->live_count * sizeof *mark->live;
  checkpoint_drop(&mark->heap);
  free(mark->live);
}

static bool save_live(const struct run *run, struct run_mark *mark)
{
  size_t count = 0;
  for (size_t i = 0; i < run->trace.handle_count; i++)
    count += run->live[i].block != NULL;
  mark->live = malloc((count + 1) * sizeof *mark->live);
  mark->live_count = 0;
  if (mark->live == NULL)
    return false;
  for (size_t i = 0; i < run->trace.handle_count; i++)
    if (run->live[i].block != NULL)
      mark->live[mark->live_count++] = (struct run_live_saved){
          (uint32_t)i, (uint32_t)run->live[i].request, run->live[i].block};
  return true;
}

static bool take_mark(const struct run *run, struct run_mark *mark)
{
  *mark = (struct run_mark){.at = run->at};
  if (checkpoint_take(&mark->heap, run->heap) && save_live(run, mark))
    return true;
  checkpoint_drop(&mark->heap);
  return false;
}

/* Too many bytes? Then every second one is enough. */
static void thin_marks(struct run *run)
{
  size_t kept = 0;
  if (run->mark_bytes <= RUN_CHECKPOINT_BYTES ||
      run->mark_count < 2 * RUN_CHECKPOINTS_MIN)
    return;
  for (size_t i = 0; i < run->mark_count; i++)
    if (i % 2 == 0)
      run->marks[kept++] = run->marks[i];
    else
      drop_mark(run, &run->marks[i]);
  run->mark_count = kept;
  run->interval *= 2;
}

/* One less does no harm. */
void run_add_mark(struct run *run)
{
  struct run_mark *mark = &run->marks[run->mark_count];
  if (run->at != run->mark_count * run->interval || !take_mark(run, mark))
    return;
  run->mark_count++;
  run->mark_bytes += mark->heap.filled + mark->live_count * sizeof *mark->live;
  thin_marks(run);
}

const struct run_mark *run_find_mark(const struct run *run, uint64_t at)
{
  size_t index = (size_t)(at / run->interval);
  return &run->marks[index < run->mark_count ? index : run->mark_count - 1];
}

uint64_t run_mark_before(const struct run *run, uint64_t at)
{
  return run_find_mark(run, at)->at;
}

void run_restore_mark(struct run *run, const struct run_mark *mark)
{
  const struct loaded_trace *loaded = &run->trace;
  checkpoint_restore(&mark->heap, run->heap);
  run->at = mark->at;
  run->next_allowance = 0;
  while (run->next_allowance < loaded->allowance_count &&
         loaded->allowances[run->next_allowance].after < run->at)
    run->next_allowance++;
  memset(run->live, 0, loaded->handle_count * sizeof run->live[0]);
  for (size_t i = 0; i < mark->live_count; i++)
    run->live[mark->live[i].handle] =
        (struct run_live){mark->live[i].block, mark->live[i].request};
}

bool run_open_marks(struct run *run)
{
  run->marks = calloc(RUN_CHECKPOINTS + 2, sizeof *run->marks);
  run->interval = interval_for(run_length(run));
  return run->marks != NULL;
}

void run_close_marks(struct run *run)
{
  for (size_t i = 0; i < run->mark_count; i++)
    drop_mark(run, &run->marks[i]);
  free(run->marks);
}
