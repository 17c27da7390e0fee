#include "sink_frames.h"

#include <stdlib.h>

#define CAPACITY_MIN 4u

bool sink_frames_open(struct sink_frames *frames)
{
  return idmap_open(&frames->stacks) && idmap_open(&frames->sites);
}

void sink_frames_close(struct sink_frames *frames)
{
  size_t at = 0;
  struct idmap_entry *entry;
  while ((entry = idmap_next(&frames->stacks, &at)) != NULL) {
    struct frame_stack *stack = entry->block;
    free(stack->frames);
    free(stack);
  }
  free(frames->current.frames);
  idmap_close(&frames->stacks);
  idmap_close(&frames->sites);
  *frames = (struct sink_frames){0};
}

/*
** {==================================================================
** The current stack
** ===================================================================
*/

static bool resize(struct frame_stack *stack, uint32_t capacity)
{
  struct sink_frame *moved =
      realloc(stack->frames, capacity * sizeof stack->frames[0]);
  if (moved == NULL)
    return false;
  stack->frames = moved;
  stack->capacity = capacity;
  return true;
}

bool sink_frames_push(struct sink_frames *frames, uint64_t number)
{
  struct frame_stack *stack = &frames->current;
  if (number > FRAME_NUMBER_MAX || frames->count == FRAMES_MAX)
    return false;
  if (stack->count == stack->capacity &&
      !resize(stack, stack->capacity * 2 + CAPACITY_MIN)) {
    frames->has_failed = true;
    return true;
  }
  stack->frames[stack->count++] =
      (struct sink_frame){.number = (uint32_t)number};
  frames->count++;
  return true;
}

/* Memory for four times as many frames as there are is given back. */
void sink_frames_pop(struct sink_frames *frames, uint64_t count)
{
  struct frame_stack *stack = &frames->current;
  uint32_t popped = count < stack->count ? (uint32_t)count : stack->count;
  stack->count -= popped;
  frames->count -= popped;
  if (stack->named > stack->count)
    stack->named = stack->count;
  if (stack->capacity > 64 && stack->count < stack->capacity / 4)
    (void)resize(stack, stack->capacity / 2);
}

bool sink_frames_put(struct sink_frames *frames, uint32_t depth,
                     uint64_t number)
{
  const struct frame_stack *stack = &frames->current;
  assert(depth <= stack->count);
  if (depth < stack->count && stack->frames[depth].number == number)
    return true;
  sink_frames_pop(frames, stack->count - depth);
  return sink_frames_push(frames, number);
}

/* }================================================================== */

/*
** {==================================================================
** The stacks of the other threads
** ===================================================================
*/

/* Keeps the current stack under its thread. false: there is no memory. */
static bool put_aside(struct sink_frames *frames)
{
  struct frame_stack *stack = malloc(sizeof *stack);
  if (stack == NULL || !resize(&frames->current, frames->current.count) ||
      !idmap_add(&frames->stacks, frames->thread + 1, stack, 0)) {
    free(stack);
    return false;
  }
  *stack = frames->current;
  return true;
}

bool sink_frames_switch(struct sink_frames *frames, uint64_t thread)
{
  bool is_empty = frames->current.count == 0;
  if (thread == frames->thread)
    return true;
  if (thread == UINT64_MAX ||
      (!is_empty && frames->stacks.table.count == THREADS_MAX))
    return false;
  if (is_empty)
    free(frames->current.frames);
  else if (!put_aside(frames)) {
    frames->has_failed = true;
    return true;
  }
  frames->current = (struct frame_stack){0};
  frames->thread = thread;
  struct idmap_entry *entry = idmap_find(&frames->stacks, thread + 1);
  if (entry != NULL) {
    struct frame_stack *stack = entry->block;
    frames->current = *stack;
    free(stack);
    idmap_remove(&frames->stacks, entry);
  }
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Sites
** ===================================================================
*/

uint32_t sink_frames_caller(const struct sink_frames *frames)
{
  const struct frame_stack *stack = &frames->current;
  return stack->named == 0 ? 0 : stack->frames[stack->named - 1].site;
}

/* The key in 'sites' of the outermost frame that is not named. */
static uint64_t key_of(const struct sink_frames *frames)
{
  const struct frame_stack *stack = &frames->current;
  assert(stack->named < stack->count);
  return ((uint64_t)sink_frames_caller(frames) << 32 |
          stack->frames[stack->named].number) +
         1;
}

static void set_site(struct sink_frames *frames, uint32_t site)
{
  struct frame_stack *stack = &frames->current;
  stack->frames[stack->named++].site = site;
}

const struct sink_frame *sink_frames_unnamed(struct sink_frames *frames)
{
  const struct frame_stack *stack = &frames->current;
  while (stack->named < stack->count) {
    const struct idmap_entry *entry =
        idmap_find(&frames->sites, key_of(frames));
    if (entry == NULL)
      return &stack->frames[stack->named];
    set_site(frames, (uint32_t)entry->bytes);
  }
  return NULL;
}

bool sink_frames_site(struct sink_frames *frames, uint32_t *site)
{
  if (sink_frames_unnamed(frames) != NULL)
    return false;
  *site = sink_frames_caller(frames);
  return true;
}

void sink_frames_name(struct sink_frames *frames, uint32_t site)
{
  frames->has_failed |= !idmap_add(&frames->sites, key_of(frames), NULL, site);
  set_site(frames, site);
}

/* }================================================================== */
