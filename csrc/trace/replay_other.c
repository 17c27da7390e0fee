#include "trace/replay_parts.h"

#include <stdio.h>

#include "state/heap.h"

static void check(struct replay *replay, const struct interpreter *interpreter)
{
  pym_fault fault;
  char text[sizeof fault.text + 64];
  if (pym_check(interpreter->heap, &fault))
    return;
  (void)snprintf(text, sizeof text, "check failed: %s: %s", fault.invariant,
                 fault.text);
  replay_fail_at(replay, REPLAY_CHECK, text);
}

void replay_check_each(struct replay *replay)
{
  size_t end = interpreters_end(&replay->interpreters);
  for (size_t i = 0; replay->status == REPLAY_MORE && i < end; i++) {
    const struct interpreter *interpreter = replay_find(replay, i);
    if (interpreter != NULL)
      check(replay, interpreter);
  }
}

static void add_figures(struct phase *phase,
                        const struct interpreter *interpreter)
{
  const pym_heap *heap = interpreter->heap;
  phase->live_blocks += interpreter->stats.live_blocks;
  phase->live_bytes += interpreter->stats.live_bytes;
  phase->arenas += heap->narenas_currently_allocated;
  phase->arena_bytes +=
      heap->narenas_currently_allocated * heap->geometry.arena_bytes;
}

void replay_add_phase(struct replay *replay, const struct trace_op *op)
{
  struct phase *phase = phases_add(&replay->phases, op);
  if (phase == NULL)
    return;
  phase->requests = replay_requests_done(replay);
  for (size_t i = 0; i < interpreters_end(&replay->interpreters); i++) {
    const struct interpreter *interpreter = replay_find(replay, i);
    if (interpreter != NULL)
      add_figures(phase, interpreter);
  }
}

/*
** 'next_dump' and 'goal' stand for a number of requests of all interpreters, but
** count only those of 'now'. When 'now' changes, the requests of the others
** change from 'others_before' to 'others', and '*until' by the difference.
*/
static void shift(uint64_t *until, uint64_t others, uint64_t others_before)
{
  if (*until != UINT64_MAX)
    *until = *until + others_before - others;
}

void replay_change_interpreter(struct replay *replay, uint64_t number)
{
  uint64_t others = replay->interpreters.other_requests;
  if (number != 0 && replay->options.heap_options == NULL)
    replay_fail_at(replay, REPLAY_TRACE, "the replay is of interpreter 0 only");
  else if (!interpreters_switch(&replay->interpreters, &replay->now,
                                (size_t)number, replay->options.heap_options))
    replay_fail_at(replay, REPLAY_NO_MEMORY,
                   "no memory for another interpreter");
  else if (replay->options.placements)
    replay_name_interpreter(replay, (size_t)number);
  shift(&replay->next_dump, replay->interpreters.other_requests, others);
  shift(&replay->goal, replay->interpreters.other_requests, others);
}
