/*
** The whole state of a heap as text with no address in it, so that two
** implementations, or two moments, can be compared byte by byte.
*/
#include "base/writer.h"
#include "state/walk.h"

static void field(struct out *out, const char *name, uint64_t value)
{
  out_string(out, " ");
  out_string(out, name);
  out_string(out, "=");
  out_number(out, value);
}

static void item(struct out *out, uint64_t value)
{
  out_string(out, " ");
  out_number(out, value);
}

static size_t slot_of(const pym_heap *heap, const struct arena_object *arena)
{
  return (size_t)(arena - heap->arenas);
}

/* A link to another slot, or "-"; "?" where it leads to none. */
static void slot_field(struct out *out, const pym_heap *heap, const char *name,
                       const struct arena_object *arena)
{
  if (walk_is_slot(heap, arena)) {
    field(out, name, slot_of(heap, arena));
    return;
  }
  out_string(out, " ");
  out_string(out, name);
  out_string(out, arena == NULL ? "=-" : "=?");
}

static void write_globals(struct out *out, const pym_heap *heap)
{
  out_string(out, "globals");
  field(out, "maxarenas", heap->maxarenas);
  field(out, "current", heap->narenas_currently_allocated);
  field(out, "total", heap->ntimes_arena_allocated);
  field(out, "highwater", heap->narenas_highwater);
  field(out, "blocks", heap->raw_blocks + walk_live_blocks(heap));
  out_string(out, "\n");
}

static void write_slots(struct out *out, const pym_heap *heap, const char *name,
                        const struct arena_object *arena)
{
  out_string(out, name);
  for (size_t i = 0; arena != NULL && i < heap->maxarenas; i++) {
    if (!walk_is_slot(heap, arena)) { /* damaged? */
      out_string(out, " ?");
      break;
    }
    item(out, slot_of(heap, arena));
    arena = arena->nextarena;
  }
  out_string(out, "\n");
}

/* " ARENA:POOL" */
static void write_pool_place(struct out *out, const pym_heap *heap,
                             const struct pool_header *pool)
{
  pym_location place;
  if (!pym_locate(heap, pool, &place)) {
    out_string(out, " ?");
    return;
  }
  item(out, place.arena);
  out_string(out, ":");
  out_number(out, place.pool);
}

static const char *state_name(const struct pool_header *pool)
{
  switch (pool_state(pool)) {
  case PYM_POOL_EMPTY:
    return " empty";
  case PYM_POOL_USED:
    return " used";
  case PYM_POOL_FULL:
    return " full";
  }
  return NULL;
}

static void write_free_chain(struct out *out, const pym_heap *heap,
                             const struct pool_header *pool)
{
  size_t most = walk_has_class(heap, pool)
                    ? pym_class_capacity(&heap->geometry, pool->szidx)
                    : 0;
  block *link = pool->freeblock;
  out_string(out, " free");
  for (size_t i = 0; link != NULL && i < most; i++) {
    link = walk_free_block(heap, pool, link);
    if (link == NULL) { /* damaged? */
      out_string(out, " ?");
      break;
    }
    item(out, (uintptr_t)link - (uintptr_t)pool);
    link = block_link(link);
  }
  out_string(out, "\n");
}

static void write_pool(struct out *out, const pym_heap *heap,
                       const struct pool_header *pool)
{
  out_string(out, "pool");
  write_pool_place(out, heap, pool);
  field(out, "count", pool->ref.count);
  field(out, "szidx", pool->szidx);
  field(out, "nextoffset", pool->nextoffset);
  field(out, "maxnextoffset", pool->maxnextoffset);
  field(out, "arenaindex", pool->arenaindex);
  out_string(out, state_name(pool));
  write_free_chain(out, heap, pool);
}

static void write_arena(struct out *out, const pym_heap *heap,
                        const struct arena_object *arena)
{
  const struct pool_header *pool = arena->freepools;
  field(out, "pool_address",
        (uintptr_t)arena->pool_address -
            arena_first_pool(arena, &heap->geometry));
  field(out, "nfreepools", arena->nfreepools);
  field(out, "ntotalpools", arena->ntotalpools);
  if (arena_is_full(arena)) {
    out_string(out, " full");
  } else {
    slot_field(out, heap, "next", arena->nextarena);
    slot_field(out, heap, "prev", arena->prevarena);
  }
  out_string(out, " freepools");
  for (size_t i = 0; walk_is_pool(heap, pool) && i < arena->ntotalpools;
       i++, pool = pool->nextpool)
    write_pool_place(out, heap, pool);
  out_string(out, "\n");
  pool = walk_first_pool(heap, arena);
  for (; pool != NULL; pool = walk_next_pool(heap, arena, pool))
    write_pool(out, heap, pool);
}

static void write_all_slots(struct out *out, const pym_heap *heap)
{
  for (size_t i = 0; i < heap->maxarenas; i++) {
    const struct arena_object *arena = &heap->arenas[i];
    out_string(out, "arena");
    item(out, i);
    if (arena_is_open(arena)) {
      write_arena(out, heap, arena);
      continue;
    }
    out_string(out, " free");
    slot_field(out, heap, "next", arena->nextarena);
    out_string(out, "\n");
  }
}

static void write_rings(struct out *out, const pym_heap *heap)
{
  for (size_t i = 0; i < heap->class_count; i++) {
    const struct pool_header *ring = &heap->usedpools[i];
    const struct pool_header *pool = ring->nextpool;
    if (pool == ring)
      continue;
    out_string(out, "class");
    item(out, i);
    field(out, "size", pym_class_bytes(&heap->geometry, i));
    out_string(out, " used");
    for (; pool != ring && walk_is_pool(heap, pool); pool = pool->nextpool)
      write_pool_place(out, heap, pool);
    out_string(out, "\n");
  }
}

bool pym_dump(const pym_heap *heap, pym_write write, void *context)
{
  struct out out;
  out_open(&out, write, context);
  write_globals(&out, heap);
  write_slots(&out, heap, "usable", heap->order.usable_arenas);
  write_slots(&out, heap, "unused", heap->unused_arena_objects);
  write_all_slots(&out, heap);
  write_rings(&out, heap);
  return out_close(&out);
}
