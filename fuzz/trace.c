/*
** Fuzzes traces: reads any text as a trace and runs the requests up to the
** first error. The error has a text, every invariant holds, and no memory is
** left.
*/
#include "input.h"

#include "trace/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  struct ledger ledger;
  pym_options options = pym_options_default();
  const struct replay_options how = {.placements = true,
                                     .dump = true,
                                     .stats = true,
                                     .heap_options = &options,
                                     .write = input_drop};
  options.geometry = pym_profile_find("classroom")->geometry;
  options.reserve_bytes = (size_t)1 << 20;
  ledger_stand_below(&ledger, &options);
  pym_heap *heap = pym_heap_new(&options);
  struct trace *trace = trace_open_text((const char *)bytes, count, "fuzz");
  MUST(heap != NULL && trace != NULL);
  struct replay *replay = replay_open(trace, heap, &how);
  MUST(replay != NULL);
  enum replay_status status = replay_run(replay, 10000);
  MUST(status != REPLAY_CHECK && status != REPLAY_WRITE);
  MUST(status != REPLAY_TRACE || replay_error(replay)->text[0] != '\0');
  MUST(pym_check(heap, NULL));
  replay_close(replay);
  trace_close(trace);
  pym_heap_delete(heap);
  MUST(ledger.count == 0);
  return 0;
}
