/*
** Finds the arena and the pool in which an address lies.
*/
#include "state/heap.h"

struct pool_header *heap_find_pool(const pym_heap *heap, const void *address)
{
  if (!heap_owns(heap, address))
    return NULL;
  const struct arena_object *arena =
      heap_arena(heap, heap_slot_of(heap, address));
  if (arena == NULL)
    return NULL;
  bool is_carved =
      (uintptr_t)address >= arena_first_pool(arena, &heap->geometry) &&
      (uintptr_t)address < (uintptr_t)arena->pool_address;
  return is_carved ? heap_pool_of(heap, address) : NULL;
}

bool pym_locate(const pym_heap *heap, const void *address,
                pym_location *location)
{
  const struct pool_header *pool = heap_find_pool(heap, address);
  if (pool == NULL)
    return false;
  location->arena = heap_slot_of(heap, address);
  location->pool =
      (uintptr_t)pool -
      arena_first_pool(&heap->arenas[location->arena], &heap->geometry);
  location->offset = (uintptr_t)address - (uintptr_t)pool;
  return true;
}
