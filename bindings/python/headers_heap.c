#include "headers.h"
#include "state/walk.h"

/* Finds where an address of the region lies, in a live or a released arena. */
static bool locate_ever(const void *context, const void *address,
                        pym_location *place)
{
  const pym_heap *heap = context;
  if (!heap_owns(heap, address))
    return false;
  size_t slot = heap_slot_of(heap, address);
  size_t pools = (uintptr_t)address - heap->base - (slot << heap->arena_shift) -
                 geometry_first_pool(&heap->geometry);
  *place = (pym_location){.arena = slot,
                          .pool = pools & heap->pool_mask,
                          .offset = pools & ~heap->pool_mask};
  return true;
}

size_t headers_of_heap(struct writer *writer, const pym_heap *heap,
                       bool tells_stale)
{
  struct headers_side side = {.context = heap,
                              .locate = locate_ever,
                              .rings = (uintptr_t)heap->usedpools,
                              .ring_bytes = sizeof heap->usedpools[0],
                              .tells_stale = tells_stale};
  const struct arena_object *arena;
  size_t slot = 0, count = 0;
  while ((arena = walk_next_arena(heap, &slot)) != NULL) {
    const struct pool_header *pool = walk_first_pool(heap, arena);
    for (; pool != NULL; pool = walk_next_pool(heap, arena, pool), count++)
      headers_write(writer, &side, pool);
  }
  return count;
}
