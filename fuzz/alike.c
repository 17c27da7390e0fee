/*
** Fuzzes the requests that script/fuzz-live makes to live CPythons, too: a heap of
** a CPython's geometry, whose invariants hold after each input. The inputs that
** reach new code here are made to the CPythons.
*/
#include "stream.h"

static void *heap_malloc(void *context, size_t bytes)
{
  return pym_malloc(context, bytes);
}

static void *heap_calloc(void *context, size_t count, size_t bytes)
{
  return pym_calloc(context, count, bytes);
}

static void *heap_realloc(void *context, void *block, size_t bytes)
{
  return pym_realloc(context, block, bytes);
}

static void heap_free(void *context, void *block)
{
  pym_free(context, block);
}

static void prove_invariants(pym_heap *heap)
{
  pym_fault fault;
  if (!pym_check(heap, &fault))
    input_fail(fault.text, fault.invariant, 0);
}

/* The geometries from 3.6 on; the first byte chooses one. */
static pym_options options_of(uint8_t choice)
{
  static const char *const versions[] = {"3.6", "3.8", "3.9", "3.11"};
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find(versions[choice / 2 % 4])->geometry;
  options.reserve_bytes = (size_t)256 << 20;
  return options;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  static struct stream stream;
  struct input input = {bytes, count};
  struct ledger ledger;
  pym_options options = options_of(input_byte(&input));
  ledger_stand_below(&ledger, &options);
  pym_heap *heap = pym_heap_new(&options);
  MUST(heap != NULL);
  stream = (struct stream){.malloc = heap_malloc,
                           .calloc = heap_calloc,
                           .realloc = heap_realloc,
                           .free = heap_free,
                           .context = heap};
  while (input.left > 0)
    stream_step(&stream, &input);
  prove_invariants(heap);
  stream_free_newest(&stream, STREAM_BLOCKS);
  prove_invariants(heap);
  pym_stats stats;
  pym_heap_stats(heap, &stats, NULL);
  MUST(stats.blocks == 0);
  pym_heap_delete(heap);
  MUST(ledger.count == 0);
  return 0;
}
