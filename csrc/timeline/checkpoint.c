#include "timeline/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "serve/layer.h"
#include "state/walk.h"

/*
** {==================================================================
** Copying
** ===================================================================
*/

/* Makes room for 'bytes' more. Returns where they go, or NULL: no memory. */
static void *reserve(struct checkpoint *checkpoint, size_t bytes)
{
  size_t wanted = checkpoint->filled + bytes;
  if (wanted > checkpoint->capacity) {
    size_t capacity = wanted + wanted / 2;
    void *grown = realloc(checkpoint->bytes, capacity);
    if (grown == NULL)
      return NULL;
    checkpoint->bytes = grown;
    checkpoint->capacity = capacity;
  }
  return checkpoint->bytes + checkpoint->filled;
}

static bool put(struct checkpoint *checkpoint, const void *from, size_t bytes)
{
  void *to = reserve(checkpoint, bytes);
  if (to == NULL)
    return false;
  if (bytes > 0)
    memcpy(to, from, bytes);
  checkpoint->filled += bytes;
  return true;
}

static size_t heap_bytes(const pym_heap *heap)
{
  return sizeof *heap + heap->class_count * sizeof heap->usedpools[0];
}

static size_t group_bytes(const pym_heap *heap)
{
  return (geometry_arena_pools(&heap->geometry) + 1) * sizeof(void *);
}

/* The number of free blocks on the chain, by [pool.count]. */
static size_t chain_length(const pym_heap *heap, const struct pool_header *pool)
{
  size_t block_bytes = pym_class_bytes(&heap->geometry, pool->szidx);
  size_t carved = pool->nextoffset - geometry_header_bytes(&heap->geometry);
  assert(pool->ref.count <= carved / block_bytes);
  return carved / block_bytes - pool->ref.count;
}

/* Copies the header, and the offset of each free block in chain order. */
static bool put_pool(struct checkpoint *checkpoint, const pym_heap *heap,
                     const struct pool_header *pool)
{
  size_t count = chain_length(heap, pool);
  size_t bytes = sizeof *pool + count * sizeof(uint32_t);
  unsigned char *to = reserve(checkpoint, bytes);
  if (to == NULL)
    return false;
  memcpy(to, pool, sizeof *pool);
  to += sizeof *pool;
  const block *link = pool->freeblock;
  for (size_t i = 0; i < count; i++, to += sizeof(uint32_t)) {
    assert(link != NULL);
    uint32_t offset = (uint32_t)((uintptr_t)link - (uintptr_t)pool);
    memcpy(to, &offset, sizeof offset);
    link = block_link(link);
  }
  assert(link == NULL);
  checkpoint->filled += bytes;
  return true;
}

static bool put_pools(struct checkpoint *checkpoint, const pym_heap *heap)
{
  size_t slot = 0;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(heap, &slot)) != NULL) {
    const struct pool_header *pool = walk_first_pool(heap, arena);
    for (; pool != NULL; pool = walk_next_pool(heap, arena, pool))
      if (!put_pool(checkpoint, heap, pool))
        return false;
  }
  return true;
}

bool checkpoint_take(struct checkpoint *checkpoint, const pym_heap *heap)
{
  checkpoint->filled = 0;
  /* GCOVR_EXCL_BR_START: memory for the whole checkpoint is reserved before:
     its first part cannot fail */
  return put(checkpoint, heap, heap_bytes(heap)) &&
         put(checkpoint, heap->arenas,
             heap->maxarenas * sizeof heap->arenas[0]) &&
         put(checkpoint, heap->order.nfp2lasta, group_bytes(heap)) &&
         put_pools(checkpoint, heap);
  /* GCOVR_EXCL_BR_STOP */
}

/* }================================================================== */

/*
** {==================================================================
** Restoring
** ===================================================================
*/

static const unsigned char *get(const unsigned char *from, void *to,
                                size_t bytes)
{
  if (bytes > 0)
    memcpy(to, from, bytes);
  return from + bytes;
}

/* Restores the heap's record, except what is not state. */
static const unsigned char *get_heap(const unsigned char *from, pym_heap *heap)
{
  const struct heap_layer *layer = heap->layer;
  struct watch *watch = heap->watch;
  struct arena_object *arenas = heap->arenas;
  from = get(from, heap, heap_bytes(heap));
  heap->arenas = arenas;
  heap->watch = watch;
  heap_set_layer(heap, layer);
  return from;
}

static const unsigned char *get_pool(const unsigned char *from,
                                     const pym_heap *heap,
                                     struct pool_header *pool)
{
  from = get(from, pool, sizeof *pool);
  size_t count = chain_length(heap, pool);
  block *at = pool->freeblock;
  for (size_t i = 1; i <= count; i++) {
    uint32_t offset = 0;
    if (i < count)
      memcpy(&offset, from + i * sizeof offset, sizeof offset);
    block *next = i < count ? (block *)pool + offset : NULL;
    assert(at != NULL); /* the restored header tells how long the chain is */
    block_set_link(at, next);
    at = next;
  }
  return from + count * sizeof(uint32_t);
}

void checkpoint_restore(const struct checkpoint *checkpoint, pym_heap *heap)
{
  size_t slot = 0;
  const struct arena_object *arena;
  const unsigned char *from = get_heap(checkpoint->bytes, heap);
  from = get(from, heap->arenas, heap->maxarenas * sizeof heap->arenas[0]);
  from = get(from, heap->order.nfp2lasta, group_bytes(heap));
  while ((arena = walk_next_arena(heap, &slot)) != NULL) {
    struct pool_header *pool = walk_first_pool(heap, arena);
    for (; pool != NULL; pool = walk_next_pool(heap, arena, pool))
      from = get_pool(from, heap, pool);
  }
}

void checkpoint_drop(struct checkpoint *checkpoint)
{
  free(checkpoint->bytes);
  *checkpoint = (struct checkpoint){0};
}

/* }================================================================== */
