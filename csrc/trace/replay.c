#include "trace/replay_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "serve/supply.h"
#include "trace/placement.h"

/*
** {==================================================================
** Requests
** ===================================================================
*/

static void fail_for_live_id(struct replay *replay, uint64_t id)
{
  char text[64];
  (void)snprintf(text, sizeof text, "id %llu is live already",
                 (unsigned long long)id);
  replay_fail_at(replay, REPLAY_TRACE, text);
}

static inline bool is_small(const struct replay *replay, const void *served)
{
  return heap_owns(replay->now.heap, served);
}

/* Ends a request: writes its placement, and the state if a dump is due. */
static inline void finish(struct replay *replay, const struct trace_op *op,
                          const void *served)
{
  uint64_t number = ++replay->now.stats.requests;
  assert(trace_is_request(op->letter) && number <= replay->next_dump);
  if (replay->options.placements)
    placement_write(&replay->writer, replay->now.heap,
                    replay_requests_done(replay), op, served);
  if (unlikely(number == replay->next_dump)) {
    replay->next_dump += replay->options.dump_every;
    replay_write_dumps(replay);
  }
}

/*
** Enters a new block in the table of ids, unless it was refused. false: there is
** no memory for that; the block is freed, and the replay has ended.
*/
static inline bool adopt(struct replay *replay, uint64_t id, void *served,
                         uint64_t bytes, uint64_t *kind_bytes)
{
  if (unlikely(served == NULL)) {
    replay->now.stats.refused++;
    return true;
  }
  if (unlikely(!idmap_add(&replay->now.live, id, served, bytes))) {
    pym_free(replay->now.heap, served);
    replay_fail_at(replay, REPLAY_NO_MEMORY,
                   "no memory for the table of live ids");
    return false;
  }
  *kind_bytes += bytes;
  replay_stats_served(&replay->now.stats, is_small(replay, served));
  replay_stats_birth(&replay->now.stats, bytes, is_small(replay, served));
  return true;
}

static bool is_live(struct replay *replay, uint64_t id)
{
  if (likely(idmap_find(&replay->now.live, id) == NULL))
    return false;
  fail_for_live_id(replay, id);
  return true;
}

static void run_malloc(struct replay *replay, const struct trace_op *op)
{
  if (is_live(replay, op->id))
    return;
  void *served = pym_malloc(replay->now.heap, size_of_number(op->bytes));
  replay->now.stats.mallocs++;
  if (adopt(replay, op->id, served, op->bytes, &replay->now.stats.malloc_bytes))
    finish(replay, op, served);
}

static void run_calloc(struct replay *replay, const struct trace_op *op)
{
  if (is_live(replay, op->id))
    return;
  void *served = pym_calloc(replay->now.heap, size_of_number(op->count),
                            size_of_number(op->bytes));
  replay->now.stats.callocs++;
  if (adopt(replay, op->id, served, op->count * op->bytes,
            &replay->now.stats.calloc_bytes))
    finish(replay, op, served);
}

/* Resizes a live block. If that is refused, the block stays as it was. */
static void resize(struct replay *replay, const struct trace_op *op,
                   struct idmap_entry *entry)
{
  struct replay_stats *stats = &replay->now.stats;
  uintptr_t old = (uintptr_t)entry->block;
  assert(entry->id == op->id && entry->block != NULL);
  bool was_small = is_small(replay, entry->block);
  void *served =
      pym_realloc(replay->now.heap, entry->block, size_of_number(op->bytes));
  if (served != NULL) {
    replay_stats_served(stats, is_small(replay, served));
    replay_stats_resize(stats, was_small, (uintptr_t)served != old);
    replay_stats_death(stats, entry->bytes, was_small);
    replay_stats_birth(stats, op->bytes, is_small(replay, served));
    stats->realloc_bytes += op->bytes;
    entry->block = served;
    entry->bytes = op->bytes;
  } else
    stats->refused++;
  finish(replay, op, served);
}

static void run_realloc(struct replay *replay, const struct trace_op *op)
{
  struct idmap_entry *entry = idmap_find(&replay->now.live, op->id);
  replay->now.stats.reallocs++;
  if (entry != NULL) {
    resize(replay, op, entry);
    return;
  }
  void *served = pym_realloc(replay->now.heap, NULL, size_of_number(op->bytes));
  replay->now.stats.realloc_fresh++;
  /* GCOVR_EXCL_BR_START: no realloc in the tests finds the table of ids full
     and no memory */
  if (adopt(replay, op->id, served, op->bytes,
            &replay->now.stats.realloc_bytes))
    finish(replay, op, served);
  /* GCOVR_EXCL_BR_STOP */
}

static void run_free(struct replay *replay, const struct trace_op *op)
{
  struct idmap_entry *entry = idmap_find(&replay->now.live, op->id);
  replay->now.stats.frees++;
  if (entry != NULL) {
    replay_stats_death(&replay->now.stats, entry->bytes,
                       is_small(replay, entry->block));
    pym_free(replay->now.heap, entry->block);
    idmap_remove(&replay->now.live, entry);
  } else {
    replay->now.stats.free_nothing++;
    pym_free(replay->now.heap, NULL);
  }
  finish(replay, op, NULL);
}

static inline void run_op(struct replay *replay, const struct trace_op *op)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (op->letter) {
  /* GCOVR_EXCL_BR_STOP */
  case TRACE_MALLOC:
    run_malloc(replay, op);
    break;
  case TRACE_CALLOC:
    run_calloc(replay, op);
    break;
  case TRACE_REALLOC:
    run_realloc(replay, op);
    break;
  case TRACE_FREE:
    run_free(replay, op);
    break;
  case TRACE_DUMP:
    replay_write_dumps(replay);
    break;
  case TRACE_REPORT:
    replay_write_reports(replay);
    break;
  case TRACE_CHECK:
    replay_check_each(replay);
    break;
  case TRACE_ALLOW:
    pym_heap_allow_arenas(replay->now.heap, size_of_number(op->count));
    break;
  case TRACE_OFFSET:
    supply_offset_arenas(replay->now.heap, op->count);
    break;
  case TRACE_SITE: /* the reader has checked it */
    break;
  case TRACE_MARK:
    replay_add_phase(replay, op);
    break;
  case TRACE_INTERPRETER:
    replay_change_interpreter(replay, op->count);
    break;
  }
}

/* }================================================================== */

/*
** Reads the next operations, up to the end of the trace, an error or a mark,
** whose text lasts until the next line is read.
*/
static void read_batch(struct replay *replay)
{
  struct batch *batch = &replay->batch;
  struct trace_op *op = batch->ops;
  bool is_mark = false;
  batch->next = op;
  while (!is_mark && op < batch->ops + BATCH_OPS) {
    batch->status = trace_next(replay->trace, op);
    if (batch->status != TRACE_OP)
      break;
    idmap_prefetch(&replay->now.live, op->id);
    is_mark = op->letter == TRACE_MARK;
    op++;
  }
  batch->end = op;
}

/* Ends the replay after the last operation. */
static void finish_trace(struct replay *replay)
{
  if (replay->batch.status == TRACE_ERROR) {
    replay->line = trace_line(replay->trace);
    replay_end_with(replay, REPLAY_TRACE, trace_error(replay->trace));
    return;
  }
  if (replay->options.dump)
    replay_write_dumps(replay);
  if (replay->options.stats)
    replay_write_reports(replay);
  replay->status = REPLAY_DONE;
}

/* Runs the next operation, or ends the replay. */
static inline void run_next(struct replay *replay)
{
  struct batch *batch = &replay->batch;
  if (batch->next == batch->end && batch->status == TRACE_OP)
    read_batch(replay);
  if (batch->next == batch->end) {
    finish_trace(replay);
    return;
  }
  assert(batch->next < batch->end);
  const struct trace_op *op = batch->next++;
  replay->line = op->line;
  run_op(replay, op);
}

struct replay *replay_open(struct trace *trace, pym_heap *heap,
                           const struct replay_options *options)
{
  struct replay *replay = calloc(1, sizeof *replay);
  if (replay == NULL)
    return NULL;
  replay->trace = trace;
  replay->options = *options;
  /* GCOVR_EXCL_BR_START: no replay in the tests asks for placements without a
     writer */
  replay->options.placements = options->placements && options->write != NULL;
  /* GCOVR_EXCL_BR_STOP */
  replay->next_dump =
      options->dump_every == 0 ? UINT64_MAX : options->dump_every;
  writer_open(&replay->writer, options->write, options->context);
  if (interpreter_open(&replay->now, heap))
    return replay;
  free(replay);
  return NULL;
}

enum replay_status replay_run(struct replay *replay, uint64_t request_count)
{
  uint64_t done = replay->now.stats.requests;
  replay->goal =
      request_count < UINT64_MAX - done ? done + request_count : UINT64_MAX;
  while (replay->status == REPLAY_MORE &&
         replay->now.stats.requests < replay->goal && !replay->writer.is_broken)
    run_next(replay);
  replay_flush(replay);
  return replay->status;
}

uint64_t replay_requests(const struct replay *replay)
{
  return replay_requests_done(replay);
}

size_t replay_interpreter_end(const struct replay *replay)
{
  return interpreters_end(&replay->interpreters);
}

const struct replay_stats *replay_stats_of(const struct replay *replay,
                                           size_t interpreter)
{
  const struct interpreter *found = replay_find(replay, interpreter);
  return found == NULL ? NULL : &found->stats;
}

const pym_heap *replay_heap_of(const struct replay *replay, size_t interpreter)
{
  const struct interpreter *found = replay_find(replay, interpreter);
  return found == NULL ? NULL : found->heap;
}

const struct phases *replay_phases(const struct replay *replay)
{
  return &replay->phases;
}

const struct replay_error *replay_error(const struct replay *replay)
{
  return &replay->error;
}

void replay_close(struct replay *replay)
{
  /* GCOVR_EXCL_BR_START: NULL is of a binding's replay that could not be
     opened for lack of memory, which the specs do not test */
  if (replay == NULL)
    return;
  /* GCOVR_EXCL_BR_STOP */
  interpreters_close(&replay->interpreters, &replay->now);
  phases_close(&replay->phases);
  free(replay);
}
