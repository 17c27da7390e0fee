/*
** Fuzzes requests: any geometry and options, and beside the heap a model that
** knows what each live block holds. No two blocks overlap, bytes stay what
** they were, every invariant holds, and nothing is left when all is freed.
*/
#include <string.h>

#include "input.h"

#define BLOCKS 64u

struct model {
  pym_heap *heap;
  unsigned char *blocks[BLOCKS];
  size_t bytes[BLOCKS];
};

static void no_verdict(void *context, const pym_verdict *verdict)
{
  (void)context;
  input_fail(verdict->report, __FILE__, __LINE__);
}

static void fill(struct model *model, size_t i)
{
  memset(model->blocks[i], (int)(i + 1), model->bytes[i]);
}

static void prove_content(const struct model *model, size_t i, size_t bytes)
{
  for (size_t k = 0; k < bytes; k++)
    MUST(model->blocks[i][k] == i + 1);
}

/* Nobody else has any byte of the block. */
static void prove_alone(const struct model *model, size_t i)
{
  uintptr_t first = (uintptr_t)model->blocks[i];
  for (size_t k = 0; k < BLOCKS; k++) {
    uintptr_t other = (uintptr_t)model->blocks[k];
    if (k == i || other == 0)
      continue;
    MUST(first != other);
    MUST(first < other ? first + model->bytes[i] <= other
                       : other + model->bytes[k] <= first);
  }
}

static void enter(struct model *model, size_t i, void *data, size_t bytes)
{
  model->blocks[i] = data;
  if (data == NULL)
    return;
  model->bytes[i] = bytes;
  MUST((uintptr_t)data % 8 == 0);
  prove_alone(model, i);
  fill(model, i);
}

static void try_malloc(struct model *model, size_t i, size_t bytes)
{
  enter(model, i, pym_malloc(model->heap, bytes), bytes);
}

static void try_calloc(struct model *model, size_t i, size_t bytes)
{
  unsigned char *data = pym_calloc(model->heap, bytes, i % 3 + 1);
  size_t total = bytes * (i % 3 + 1);
  for (size_t k = 0; data != NULL && k < total; k++)
    MUST(data[k] == 0);
  enter(model, i, data, total);
}

static void try_realloc(struct model *model, size_t i, size_t bytes)
{
  size_t kept = bytes < model->bytes[i] ? bytes : model->bytes[i];
  unsigned char *data = pym_realloc(model->heap, model->blocks[i], bytes);
  if (data == NULL) {
    prove_content(model, i, model->bytes[i]);
    return;
  }
  model->blocks[i] = data;
  prove_content(model, i, kept);
  enter(model, i, data, bytes);
}

static void try_free(struct model *model, size_t i, bool is_sized)
{
  prove_content(model, i, model->bytes[i]);
  if (is_sized)
    pym_free_sized(model->heap, model->blocks[i], model->bytes[i]);
  else
    pym_free(model->heap, model->blocks[i]);
  model->blocks[i] = NULL;
}

static void prove_invariants(const struct model *model)
{
  pym_fault fault;
  if (!pym_check(model->heap, &fault))
    input_fail(fault.text, fault.invariant, 0);
}

static bool drop(void *context, const char *text, size_t bytes)
{
  (void)context, (void)text, (void)bytes;
  return true;
}

/* Sizes lie on both sides of every limit; some are absurd. */
static size_t next_size(struct input *input)
{
  unsigned word = input_word(input);
  if (word >= 0xfff0)
    return SIZE_MAX - (word & 15);
  return word >= 0xf000 ? word : word % 700;
}

static void step(struct model *model, struct input *input)
{
  uint8_t op = input_byte(input);
  size_t i = input_byte(input) % BLOCKS;
  if (model->blocks[i] != NULL) {
    if (op % 4 == 0)
      try_realloc(model, i, next_size(input));
    else
      try_free(model, i, op % 4 == 1);
  } else if (op % 4 == 0) {
    try_calloc(model, i, next_size(input) % 70000);
  } else {
    try_malloc(model, i, next_size(input));
  }
  if (op >= 0xf8)
    prove_invariants(model);
  if (op == 0xff)
    (void)pym_heap_trim(model->heap);
}

static void finish(struct model *model)
{
  pym_stats stats;
  MUST(pym_report(model->heap, true, drop, NULL));
  MUST(pym_dump(model->heap, drop, NULL));
  prove_invariants(model);
  for (size_t i = 0; i < BLOCKS; i++)
    if (model->blocks[i] != NULL)
      try_free(model, i, true);
  prove_invariants(model);
  pym_heap_stats(model->heap, &stats, NULL);
  MUST(stats.allocated_bytes + stats.available_bytes + stats.unused_pool_bytes +
           stats.header_bytes + stats.quantization_bytes +
           stats.alignment_bytes ==
       stats.arena_bytes);
  pym_heap_delete(model->heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  struct ledger ledger;
  struct input input = {bytes, count};
  pym_options options = input_options(&input);
  options.on_verdict = no_verdict;
  ledger_stand_below(&ledger, &options);
  struct model model = {.heap = pym_heap_new(&options)};
  MUST(model.heap != NULL);
  while (input.left > 0)
    step(&model, &input);
  finish(&model);
  MUST(ledger.count == 0);
  return 0;
}
