/*
** Writes the whole state of a heap as text. The text has offsets and no
** addresses, so that two implementations, or the states of one heap at two
** moments, can be compared byte by byte.
*/
#include "base/writer.h"
#include "serve/medium_blocks.h"
#include "state/walk.h"

static void field(struct writer *writer, const char *name, uint64_t value)
{
  writer_string(writer, " ");
  writer_string(writer, name);
  writer_string(writer, "=");
  writer_number(writer, value);
}

static void item(struct writer *writer, uint64_t value)
{
  writer_string(writer, " ");
  writer_number(writer, value);
}

static size_t slot_of(const pym_heap *heap, const struct arena_object *arena)
{
  return (size_t)(arena - heap->arenas);
}

/* A link to another slot; "-" for NULL, "?" if it leads to no slot. */
static void slot_field(struct writer *writer, const pym_heap *heap,
                       const char *name, const struct arena_object *arena)
{
  if (walk_is_slot(heap, arena)) {
    field(writer, name, slot_of(heap, arena));
    return;
  }
  writer_string(writer, " ");
  writer_string(writer, name);
  writer_string(writer, arena == NULL ? "=-" : "=?");
}

static void write_globals(struct writer *writer, const pym_heap *heap)
{
  struct medium_counts medium = medium_blocks_count(heap);
  writer_string(writer, "globals");
  field(writer, "maxarenas", heap->maxarenas);
  field(writer, "current", heap->narenas_currently_allocated);
  field(writer, "total", heap->ntimes_arena_allocated);
  field(writer, "highwater", heap->narenas_highwater);
  field(writer, "blocks",
        heap->raw_blocks + walk_live_blocks(heap) + medium.blocks);
  writer_string(writer, "\n");
  if (heap->medium == NULL)
    return;
  writer_string(writer, "medium");
  field(writer, "blocks", medium.blocks);
  field(writer, "bytes", medium.bytes);
  field(writer, "spans", medium.span_bytes);
  writer_string(writer, "\n");
}

static void write_slots(struct writer *writer, const pym_heap *heap,
                        const char *name, const struct arena_object *arena)
{
  writer_string(writer, name);
  for (size_t i = 0; arena != NULL && i < heap->maxarenas; i++) {
    if (!walk_is_slot(heap, arena)) { /* damaged? */
      writer_string(writer, " ?");
      break;
    }
    item(writer, slot_of(heap, arena));
    arena = arena->nextarena;
  }
  writer_string(writer, "\n");
}

/* " ARENA:POOL" */
static void write_pool_place(struct writer *writer, const pym_heap *heap,
                             const struct pool_header *pool)
{
  pym_location place;
  /* GCOVR_EXCL_BR_START: only a damaged list leads to an address that is not
     in a pool */
  if (!pym_locate(heap, pool, &place)) {
    /* GCOVR_EXCL_BR_STOP */
    writer_string(writer, " ?");
    return;
  }
  item(writer, place.arena);
  writer_string(writer, ":");
  writer_number(writer, place.pool);
}

static const char *state_name(const pym_heap *heap,
                              const struct pool_header *pool)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (loan_pool_state(heap, pool)) {
  /* GCOVR_EXCL_BR_STOP */
  case PYM_POOL_EMPTY:
    return " empty";
  case PYM_POOL_USED:
    return " used";
  case PYM_POOL_FULL:
    return " full";
  }
  return NULL;
}

static void write_free_chain(struct writer *writer, const pym_heap *heap,
                             const struct pool_header *pool)
{
  struct walk_free at = {0};
  const block *found;
  bool is_damaged = false;
  writer_string(writer, " free");
  while (walk_has_class(heap, pool) &&
         (found = walk_next_free(heap, pool, &at, &is_damaged)) != NULL &&
         !is_damaged)
    item(writer, (uintptr_t)found - (uintptr_t)pool);
  if (is_damaged)
    writer_string(writer, " ?");
  writer_string(writer, "\n");
}

static void write_pool(struct writer *writer, const pym_heap *heap,
                       const struct pool_header *pool)
{
  const struct pool_header seen = loan_header(heap, pool);
  writer_string(writer, "pool");
  write_pool_place(writer, heap, pool);
  field(writer, "count", seen.ref.count);
  field(writer, "szidx", pool->szidx);
  field(writer, "nextoffset", seen.nextoffset);
  field(writer, "maxnextoffset", pool->maxnextoffset);
  field(writer, "arenaindex", pool->arenaindex);
  writer_string(writer, state_name(heap, pool));
  write_free_chain(writer, heap, pool);
}

static void write_arena(struct writer *writer, const pym_heap *heap,
                        const struct arena_object *arena)
{
  const struct pool_header *pool = arena->freepools;
  field(writer, "pool_address",
        (uintptr_t)arena->pool_address -
            arena_first_pool(arena, &heap->geometry));
  field(writer, "nfreepools", arena->nfreepools);
  field(writer, "ntotalpools", arena->ntotalpools);
  if (arena_is_full(arena)) {
    writer_string(writer, " full");
  } else {
    slot_field(writer, heap, "next", arena->nextarena);
    slot_field(writer, heap, "prev", arena->prevarena);
  }
  writer_string(writer, " freepools");
  for (size_t i = 0; walk_is_pool(heap, pool) && i < arena->ntotalpools;
       i++, pool = pool->nextpool)
    write_pool_place(writer, heap, pool);
  writer_string(writer, "\n");
  pool = walk_first_pool(heap, arena);
  for (; pool != NULL; pool = walk_next_pool(heap, arena, pool))
    write_pool(writer, heap, pool);
}

static void write_all_slots(struct writer *writer, const pym_heap *heap)
{
  for (size_t i = 0; i < heap->maxarenas; i++) {
    const struct arena_object *arena = &heap->arenas[i];
    writer_string(writer, "arena");
    item(writer, i);
    if (arena_is_open(arena)) {
      write_arena(writer, heap, arena);
      continue;
    }
    writer_string(writer, " free");
    slot_field(writer, heap, "next", arena->nextarena);
    writer_string(writer, "\n");
  }
}

static void write_rings(struct writer *writer, const pym_heap *heap)
{
  for (size_t i = 0; i < heap->class_count; i++) {
    const struct pool_header *ring = &heap->usedpools[i];
    const struct pool_header *pool = ring->nextpool;
    if (pool == ring)
      continue;
    writer_string(writer, "class");
    item(writer, i);
    field(writer, "size", pym_class_bytes(&heap->geometry, i));
    writer_string(writer, " used");
    for (; pool != ring && walk_is_pool(heap, pool); pool = pool->nextpool)
      write_pool_place(writer, heap, pool);
    writer_string(writer, "\n");
  }
}

bool pym_dump(const pym_heap *heap, pym_write write, void *context)
{
  struct writer writer;
  writer_open(&writer, write, context);
  write_globals(&writer, heap);
  write_slots(&writer, heap, "usable", heap->order.usable_arenas);
  write_slots(&writer, heap, "unused", heap->unused_arena_objects);
  write_all_slots(&writer, heap);
  write_rings(&writer, heap);
  return writer_close(&writer);
}
