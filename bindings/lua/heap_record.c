/*
** The record of a heap: it is made with the heap of the C library, survives its
** close, and ends with the last reference.
*/
#include <stdlib.h>

#include "heap.h"
#include "misuse.h"
#include "versions.h"
#include "watching.h"

struct binding_heap *heap_record_new(const pym_options *options,
                                     const char *profile)
{
  pym_options tracked = *options;
  struct binding_heap *heap = calloc(1, sizeof *heap);
  if (heap == NULL)
    return NULL;
  heap->reference_count = 1;
  heap->profile = profile;
  heap->geometry = options->geometry;
  tracked.raw = tracked_open(&heap->raw_blocks, &options->raw);
  tracked.on_misuse = binding_on_misuse;
  tracked.misuse_context = heap;
  heap->core = pym_heap_new(&tracked);
  if (heap->core != NULL)
    return heap;
  free(heap);
  return NULL;
}

struct binding_heap *heap_record_borrow(pym_heap *core, const char *profile)
{
  struct binding_heap *heap = calloc(1, sizeof *heap);
  if (heap == NULL)
    return NULL;
  heap->reference_count = 2;
  heap->core = core;
  heap->profile = profile;
  heap->geometry = core->geometry;
  heap->is_borrowed = true;
  return heap;
}

void heap_record_free(struct binding_heap *heap)
{
  watching_free(heap->watching);
  free(heap);
}

void heap_record_close(struct binding_heap *heap)
{
  pym_heap *core = heap->core;
  if (core == NULL)
    return;
  watching_end(heap);
  heap->core = NULL;
  if (heap->is_borrowed)
    return;
  pym_heap_delete(core);
  tracked_free_all(&heap->raw_blocks);
}

void binding_end_borrowed(struct binding_heap *heap)
{
  heap->core = NULL;
  binding_release_heap(heap);
}

void binding_end_hosting(struct binding_heap *heap)
{
  heap_record_close(heap);
  watching_free(heap->watching);
  free(heap);
}

int heap_refuse_borrowed(lua_State *L)
{
  return luaL_error(L, "pymalloc: the heap of a run can only be looked at: "
                       "move the run instead");
}

void heap_announce(lua_State *L, struct binding_heap *heap)
{
  size_t bytes = heap->unannounced_bytes;
  heap->unannounced_bytes = 0;
  collect_for_bytes(L, bytes);
}
