/*
** Fuzzes damage: writes into the memory of a checked heap, and calls every
** function on that heap. Reports of misuse are expected. The heap must touch no
** byte outside its memory, and must give out no block that is not free.
*/
#include <string.h>

#include "input.h"

#define BLOCKS 32u

struct stage {
  pym_heap *heap;
  unsigned char *blocks[BLOCKS];
  const unsigned char *pool; /* address of the block allocated last */
};

static void ignore(void *context, const pym_misuse *misuse)
{
  (void)context;
  MUST(strlen(misuse->report) > 10);
}

static bool look_at_block(void *context, const pym_pool_info *pool,
                          const pym_block_info *found)
{
  (void)context;
  MUST((const char *)found->address ==
       (const char *)pool->address + found->offset);
  return true;
}

static void look(const struct stage *stage)
{
  pym_fault fault;
  pym_stats stats;
  const pym_visitor visitor = {.block = look_at_block};
  (void)pym_check(stage->heap, &fault);
  (void)pym_walk(stage->heap, &visitor);
  (void)pym_dump(stage->heap, input_drop, NULL);
  (void)pym_report(stage->heap, true, input_drop, NULL);
  (void)pym_describe(stage->heap, stage->pool, input_drop, NULL);
  pym_heap_stats(stage->heap, &stats, NULL);
}

/* No other block has this address, and the block lies after a pool header. */
static void prove_good(const struct stage *stage, size_t i)
{
  pym_location place;
  for (size_t k = 0; k < BLOCKS; k++)
    MUST(k == i || stage->blocks[k] == NULL ||
         stage->blocks[k] != stage->blocks[i]);
  if (pym_locate(stage->heap, stage->blocks[i], &place))
    MUST(place.offset >= 48);
}

static void request(struct stage *stage, struct input *input, uint8_t op)
{
  size_t i = input_byte(input) % BLOCKS;
  size_t bytes = (size_t)input_byte(input) * 3 + 1;
  if (stage->blocks[i] == NULL) {
    stage->blocks[i] = pym_malloc(stage->heap, bytes);
    if (stage->blocks[i] != NULL) {
      prove_good(stage, i);
      stage->pool = stage->blocks[i];
    }
  } else if (op % 2 == 0) {
    pym_free(stage->heap, stage->blocks[i]);
    stage->blocks[i] = NULL;
  } else {
    void *data = pym_realloc(stage->heap, stage->blocks[i], bytes);
    if (data != NULL)
      stage->blocks[i] = data;
  }
}

/* Writes junk near the start of a block or of its pool. */
static void damage(struct stage *stage, struct input *input)
{
  unsigned char junk[16];
  uintptr_t place = (uintptr_t)stage->pool;
  uint8_t how = input_byte(input);
  size_t count = how % 16 + 1u;
  if ((how & 16) != 0)
    place &= ~(uintptr_t)(pym_heap_geometry(stage->heap)->pool_bytes - 1);
  place += (uintptr_t)(ptrdiff_t)(int8_t)input_byte(input);
  for (size_t i = 0; i < count; i++)
    junk[i] = input_byte(input);
  if ((how & 32) != 0) /* the address of a block, as a plausible link */
    memcpy(junk, &stage->blocks[how % BLOCKS], sizeof(void *));
  if (stage->pool != NULL)
    (void)pym_poke(stage->heap, (void *)place, junk, count);
}

static bool is_block(const struct stage *stage, const unsigned char *address)
{
  for (size_t i = 0; i < BLOCKS; i++)
    if (stage->blocks[i] == address)
      return true;
  return false;
}

/* Frees an address near a block that is not a block. */
static void misuse(struct stage *stage, struct input *input)
{
  unsigned char *data = stage->blocks[input_byte(input) % BLOCKS];
  ptrdiff_t offset = (int8_t)input_byte(input);
  if (data != NULL && !is_block(stage, data + offset))
    pym_free(stage->heap, data + offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  struct ledger ledger;
  struct input input = {bytes, count};
  pym_options options = input_options(&input);
  options.checked = true;
  options.on_misuse = ignore;
  ledger_stand_below(&ledger, &options);
  struct stage stage = {.heap = pym_heap_new(&options)};
  MUST(stage.heap != NULL || options.max_bytes != SIZE_MAX);
  while (stage.heap != NULL && input.left > 0) {
    uint8_t op = input_byte(&input);
    if (op < 200)
      request(&stage, &input, op);
    else if (op < 230)
      damage(&stage, &input);
    else if (op < 250)
      look(&stage);
    else
      misuse(&stage, &input);
  }
  pym_heap_delete(stage.heap);
  ledger_close(&ledger);
  return 0;
}
