#include <stdlib.h>
#include <string.h>

#include "timeline/timeline_parts.h"

static uint64_t interval_for(uint64_t length)
{
  uint64_t interval = length / TIMELINE_CHECKPOINTS + 1;
  return interval < TIMELINE_INTERVAL_MIN ? TIMELINE_INTERVAL_MIN : interval;
}

static size_t bytes_of(const struct timeline_checkpoint *checkpoint)
{
  return checkpoint->heap.filled +
         checkpoint->live_count * sizeof *checkpoint->live;
}

static void drop_checkpoint(struct timeline *timeline,
                            struct timeline_checkpoint *checkpoint)
{
  size_t bytes = bytes_of(checkpoint);
  assert(bytes <= timeline->checkpoint_bytes);
  timeline->checkpoint_bytes -= bytes;
  checkpoint_drop(&checkpoint->heap);
  free(checkpoint->live);
}

static bool save_live(const struct timeline *timeline,
                      struct timeline_checkpoint *checkpoint)
{
  size_t count = 0;
  for (size_t i = 0; i < timeline->trace.handle_count; i++)
    count += timeline->live[i].block != NULL;
  checkpoint->live = malloc((count + 1) * sizeof *checkpoint->live);
  checkpoint->live_count = 0;
  if (checkpoint->live == NULL)
    return false;
  for (size_t i = 0; i < timeline->trace.handle_count; i++)
    if (timeline->live[i].block != NULL)
      checkpoint->live[checkpoint->live_count++] = (struct timeline_live_saved){
          (uint32_t)i, (uint32_t)timeline->live[i].request,
          timeline->live[i].block};
  return true;
}

static bool take_checkpoint(const struct timeline *timeline,
                            struct timeline_checkpoint *checkpoint)
{
  *checkpoint = (struct timeline_checkpoint){.at = timeline->at};
  if (checkpoint_take(&checkpoint->heap, timeline->heap) &&
      save_live(timeline, checkpoint))
    return true;
  checkpoint_drop(&checkpoint->heap);
  return false;
}

static bool are_too_many(const struct timeline *timeline)
{
  return timeline->checkpoint_count > TIMELINE_CHECKPOINTS + 1 ||
         (timeline->checkpoint_bytes > timeline->checkpoint_bytes_max &&
          timeline->checkpoint_count >= 2 * TIMELINE_CHECKPOINTS_MIN);
}

/*
** If the checkpoints take too many bytes, or more have been taken than were
** expected, as requests were added, drops every second one, and takes them half
** as often from now on.
*/
static void thin_checkpoints(struct timeline *timeline)
{
  size_t kept = 0;
  if (!are_too_many(timeline))
    return;
  for (size_t i = 0; i < timeline->checkpoint_count; i++)
    if (i % 2 == 0)
      timeline->checkpoints[kept++] = timeline->checkpoints[i];
    else
      drop_checkpoint(timeline, &timeline->checkpoints[i]);
  timeline->checkpoint_count = kept;
  timeline->interval *= 2;
}

void timeline_add_checkpoint(struct timeline *timeline)
{
  struct timeline_checkpoint *checkpoint =
      &timeline->checkpoints[timeline->checkpoint_count];
  if (timeline->at != timeline->checkpoint_count * timeline->interval ||
      !take_checkpoint(timeline, checkpoint))
    return;
  timeline->checkpoint_count++;
  timeline->checkpoint_bytes += bytes_of(checkpoint);
  thin_checkpoints(timeline);
}

const struct timeline_checkpoint *
timeline_find_checkpoint(const struct timeline *timeline, uint64_t at)
{
  size_t index = (size_t)(at / timeline->interval);
  assert(timeline->checkpoint_count > 0 && timeline->checkpoints[0].at == 0);
  return &timeline->checkpoints[index < timeline->checkpoint_count
                                    ? index
                                    : timeline->checkpoint_count - 1];
}

uint64_t timeline_checkpoint_before(const struct timeline *timeline,
                                    uint64_t at)
{
  return timeline_find_checkpoint(timeline, at)->at;
}

void timeline_drop_later_checkpoints(struct timeline *timeline)
{
  while (timeline->checkpoint_count > 1 &&
         timeline->checkpoints[timeline->checkpoint_count - 1].at >
             timeline->at)
    drop_checkpoint(timeline,
                    &timeline->checkpoints[--timeline->checkpoint_count]);
}

void timeline_restore_checkpoint(struct timeline *timeline,
                                 const struct timeline_checkpoint *checkpoint)
{
  const struct loaded_trace *loaded = &timeline->trace;
  assert(checkpoint->at % timeline->interval == 0);
  checkpoint_restore(&checkpoint->heap, timeline->heap);
  timeline->at = checkpoint->at;
  timeline->next_allowance = 0;
  while (timeline->next_allowance < loaded->allowance_count &&
         loaded->allowances[timeline->next_allowance].after < timeline->at)
    timeline->next_allowance++;
  memset(timeline->live, 0, loaded->handle_count * sizeof timeline->live[0]);
  for (size_t i = 0; i < checkpoint->live_count; i++)
    timeline->live[checkpoint->live[i].handle] = (struct timeline_live){
        checkpoint->live[i].block, checkpoint->live[i].request};
}

bool timeline_open_checkpoints(struct timeline *timeline)
{
  timeline->checkpoints =
      calloc(TIMELINE_CHECKPOINTS + 2, sizeof *timeline->checkpoints);
  timeline->interval = interval_for(timeline_length(timeline));
  timeline->checkpoint_bytes_max = TIMELINE_CHECKPOINT_BYTES;
  return timeline->checkpoints != NULL;
}

void timeline_close_checkpoints(struct timeline *timeline)
{
  for (size_t i = 0; i < timeline->checkpoint_count; i++)
    drop_checkpoint(timeline, &timeline->checkpoints[i]);
  free(timeline->checkpoints);
}
