/*
** The size of a block, for the program that has it.
*/
#include "debug/debug.h"
#include "serve/medium_blocks.h"
#include "state/walk.h"

static size_t size_in_table(const struct debug *debug, const void *address)
{
  const struct block_record *record = block_table_find(&debug->blocks, address);
  bool is_live = record != NULL && record->state == BLOCK_RECORD_LIVE &&
                 record->api == API_OBJECT;
  return is_live ? record->bytes : 0;
}

size_t pym_usable_size(const pym_heap *heap, const void *address)
{
  if (heap->debug != NULL)
    return size_in_table(heap->debug, address);
  if (medium_blocks_own(heap, address))
    return medium_usable_size(heap->medium, address);
  const struct pool_header *pool = heap_find_pool(heap, address);
  /* GCOVR_EXCL_BR_START: only damage leaves a carved pool without a class */
  if (pool == NULL || !walk_has_class(heap, pool))
    return 0;
  /* GCOVR_EXCL_BR_STOP */
  return walk_is_block(heap, pool, address)
             ? heap_class_bytes(heap, pool->szidx)
             : 0;
}
