#include "trace/replay_parts.h"

/* A pym_write that adds the text to the output, behind the placements. */
static bool write_out(void *writer, const char *text, size_t bytes)
{
  writer_bytes(writer, text, bytes);
  return !((struct writer *)writer)->is_broken;
}

void replay_name_interpreter(struct replay *replay, size_t number)
{
  writer_format(&replay->writer, "interpreter %zu\n", number);
}

static void write_mark(struct replay *replay, const char *mark)
{
  writer_format(&replay->writer, "%s %llu\n", mark,
                (unsigned long long)replay_requests_done(replay));
}

static void write_dump(struct replay *replay,
                       const struct interpreter *interpreter)
{
  write_mark(replay, "STATE");
  pym_dump(interpreter->heap, write_out, &replay->writer);
  writer_string(&replay->writer, "END\n");
}

static void write_report(struct replay *replay,
                         const struct interpreter *interpreter)
{
  write_mark(replay, "STATS");
  pym_report(interpreter->heap, replay->options.arena_map, write_out,
             &replay->writer);
  writer_string(&replay->writer, "END\n");
}

static void write_each(struct replay *replay,
                       void (*write)(struct replay *,
                                     const struct interpreter *))
{
  if (replay->options.write == NULL)
    return;
  for (size_t i = 0; i < interpreters_end(&replay->interpreters); i++) {
    const struct interpreter *interpreter = replay_find(replay, i);
    if (interpreter == NULL)
      continue;
    if (interpreters_end(&replay->interpreters) > 1)
      replay_name_interpreter(replay, i);
    write(replay, interpreter);
  }
}

void replay_write_dumps(struct replay *replay)
{
  write_each(replay, write_dump);
}

void replay_write_reports(struct replay *replay)
{
  write_each(replay, write_report);
}

void replay_flush(struct replay *replay)
{
  if (replay->options.write == NULL || writer_close(&replay->writer))
    return;
  /* GCOVR_EXCL_BR_START: in the tests no output fails after an error of the
     trace */
  if (replay->status == REPLAY_MORE || replay->status == REPLAY_DONE)
    replay_end_with(replay, REPLAY_WRITE, "the output cannot be written");
  /* GCOVR_EXCL_BR_STOP */
}
