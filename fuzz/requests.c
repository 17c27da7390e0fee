/*
** Fuzzes requests: heaps of any geometry and options, beside a model that knows
** the bytes of each live block. Some calls for memory fail, and a listener is
** added and removed. No two blocks overlap, bytes stay as they were written, every
** invariant holds, and no block is left when all are freed.
*/
#include <string.h>

#include "input.h"

#include "pymalloc_inline.h"
#include "serve/watch_layer.h"

#define BLOCKS 64u

struct model {
  pym_heap *heap;
  unsigned char *blocks[BLOCKS];
  size_t bytes[BLOCKS];
  struct ledger *ledger;
  struct watch watch;
  uint64_t events;
};

static void no_misuse(void *context, const pym_misuse *misuse)
{
  (void)context;
  input_fail(misuse->report, __FILE__, __LINE__);
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

/* No other live block has a byte of this block. */
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

static void try_malloc(struct model *model, size_t i, size_t bytes, uint8_t op)
{
  void *data = NULL;
  if ((op & 8) != 0)
    data = pym_malloc_inline(model->heap, bytes);
  else if ((op & 16) != 0 && bytes > 0)
    data = pym_lua_alloc(model->heap, NULL, op, bytes);
  else
    data = pym_malloc(model->heap, bytes);
  enter(model, i, data, bytes);
}

static void try_calloc(struct model *model, size_t i, size_t bytes)
{
  unsigned char *data = pym_calloc(model->heap, bytes, i % 3 + 1);
  size_t total = bytes * (i % 3 + 1);
  for (size_t k = 0; data != NULL && k < total; k++)
    MUST(data[k] == 0);
  enter(model, i, data, total);
}

static void *resized(const struct model *model, size_t i, size_t bytes,
                     uint8_t op)
{
  if ((op & 8) != 0)
    return pym_realloc_sized(model->heap, model->blocks[i], model->bytes[i],
                             bytes);
  if ((op & 16) != 0 && bytes > 0)
    return pym_lua_alloc(model->heap, model->blocks[i], model->bytes[i], bytes);
  return pym_realloc(model->heap, model->blocks[i], bytes);
}

static void try_realloc(struct model *model, size_t i, size_t bytes, uint8_t op)
{
  size_t kept = bytes < model->bytes[i] ? bytes : model->bytes[i];
  unsigned char *data = resized(model, i, bytes, op);
  if (data == NULL) {
    prove_content(model, i, model->bytes[i]);
    return;
  }
  model->blocks[i] = data;
  prove_content(model, i, kept);
  enter(model, i, data, bytes);
}

static void try_free(struct model *model, size_t i, uint8_t op)
{
  void *data = model->blocks[i];
  prove_content(model, i, model->bytes[i]);
  model->blocks[i] = NULL;
  switch (op >> 3 & 7) {
  case 0:
    pym_free(model->heap, data);
    return;
  case 1:
    pym_free_inline(model->heap, data);
    return;
  case 2:
    pym_free_sized_inline(model->heap, data, model->bytes[i]);
    return;
  case 3:
    (void)pym_lua_alloc(model->heap, data, model->bytes[i], 0);
    return;
  default:
    pym_free_sized(model->heap, data, model->bytes[i]);
    return;
  }
}

static void prove_invariants(const struct model *model)
{
  pym_fault fault;
  if (!pym_check(model->heap, &fault))
    input_fail(fault.text, fault.invariant, 0);
}

/* Sizes of both sides of each limit, and some near SIZE_MAX. */
static size_t next_size(struct input *input)
{
  unsigned word = input_word(input);
  if (word >= 0xfff0)
    return SIZE_MAX - (word & 15);
  return word >= 0xf000 ? word : word % 700;
}

static void request(struct model *model, struct input *input, uint8_t op)
{
  size_t i = input_byte(input) % BLOCKS;
  if (model->blocks[i] != NULL) {
    if (op % 4 == 0)
      try_realloc(model, i, next_size(input), op);
    else
      try_free(model, i, op);
  } else if (op % 4 == 0) {
    try_calloc(model, i, next_size(input) % 70000);
  } else {
    try_malloc(model, i, next_size(input), op);
  }
}

static void count_event(void *context, const struct event *event)
{
  struct model *model = context;
  model->events++;
  MUST(event->kind < EVENT_KIND_COUNT);
  MUST(event->change_count <= EVENT_CHANGES_MAX);
}

static void switch_watch(struct model *model)
{
  if (model->heap->watch == NULL)
    watch_start(&model->watch, model->heap, EVENT_ALL, count_event, model);
  else
    watch_stop(&model->watch);
}

static void look(const struct model *model)
{
  pym_stats stats;
  pym_heap_stats(model->heap, &stats, NULL);
  MUST(stats.allocated_bytes + stats.available_bytes + stats.unused_pool_bytes +
           stats.header_bytes + stats.quantization_bytes +
           stats.alignment_bytes ==
       stats.arena_bytes);
  MUST(pym_report(model->heap, true, input_drop, NULL));
  MUST(pym_dump(model->heap, input_drop, NULL));
  MUST(pym_describe(model->heap, model->blocks[0], input_drop, NULL));
  prove_invariants(model);
}

/* Anything but a request: a failure, a limit, a listener, a report, a trim. */
static void interlude(struct model *model, struct input *input, uint8_t op)
{
  if (op < 0xf8)
    prove_invariants(model);
  else if (op == 0xf8)
    model->ledger->raw_countdown = input_byte(input);
  else if (op == 0xf9)
    model->ledger->page_countdown = input_byte(input) % 8;
  else if (op == 0xfa)
    pym_heap_allow_arenas(model->heap, input_byte(input));
  else if (op == 0xfb)
    pym_heap_allow_arenas(model->heap, SIZE_MAX);
  else if (op == 0xfc)
    switch_watch(model);
  else if (op == 0xfd)
    look(model);
  else
    (void)pym_heap_trim(model->heap);
}

static void finish(struct model *model)
{
  pym_stats stats;
  look(model);
  for (size_t i = 0; i < BLOCKS; i++)
    if (model->blocks[i] != NULL)
      try_free(model, i, (uint8_t)(i << 3));
  if (model->heap->watch != NULL)
    watch_stop(&model->watch);
  look(model);
  pym_heap_stats(model->heap, &stats, NULL);
  MUST(stats.blocks == stats.cached_blocks + stats.held_blocks);
  (void)pym_heap_trim(model->heap);
  pym_heap_stats(model->heap, &stats, NULL);
  MUST(stats.blocks == stats.held_blocks);
  pym_heap_delete(model->heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  struct ledger ledger;
  struct input input = {bytes, count};
  pym_options options = input_options(&input);
  options.on_misuse = no_misuse;
  ledger_stand_below(&ledger, &options);
  struct model model = {.heap = pym_heap_new(&options), .ledger = &ledger};
  MUST(model.heap != NULL || options.max_bytes != SIZE_MAX);
  while (model.heap != NULL && input.left > 0) {
    uint8_t op = input_byte(&input);
    if (op < 0xf0)
      request(&model, &input, op);
    else
      interlude(&model, &input, op);
  }
  if (model.heap != NULL)
    finish(&model);
  MUST(ledger.count == 0);
  return 0;
}
