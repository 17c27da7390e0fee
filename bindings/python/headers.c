#include "headers.h"

#include "state/walk.h"

static void field(struct out *out, const char *name, uint64_t value)
{
  out_string(out, " ");
  out_string(out, name);
  out_string(out, "=");
  out_number(out, value);
}

static void write_place(struct out *out, const pym_location *place)
{
  out_number(out, place->arena);
  out_string(out, ":");
  out_number(out, place->pool);
}

/* The ring header of a class, or something that is nothing known. */
static void write_ring(struct out *out, const struct headers_side *side,
                       uintptr_t address)
{
  size_t distance = address - side->rings;
  if (distance % side->ring_bytes != 0 ||
      distance / side->ring_bytes >= CLASS_COUNT_MAX) {
    out_string(out, "?");
    return;
  }
  out_string(out, "ring:");
  out_number(out, distance / side->ring_bytes);
}

static void write_link(struct out *out, const struct headers_side *side,
                       const char *name, const struct pool_header *link,
                       bool is_stale)
{
  pym_location place;
  out_string(out, " ");
  out_string(out, name);
  out_string(out, "=");
  if (is_stale && !side->tells_stale)
    out_string(out, "~");
  else if (link == NULL)
    out_string(out, "-");
  else if (side->locate(side->context, link, &place))
    write_place(out, &place);
  else
    write_ring(out, side, (uintptr_t)link);
}

/* Is the link that of a block of the pool? If not, nobody may follow it. */
static bool is_inside(const struct pool_header *pool, const block *link)
{
  size_t offset = (uintptr_t)link - (uintptr_t)pool;
  return offset >= sizeof *pool && offset < pool->nextoffset;
}

static void write_free_chain(struct out *out, const struct pool_header *pool)
{
  const block *link = pool->freeblock;
  size_t most = pool->nextoffset / sizeof(block *);
  out_string(out, " free");
  for (size_t i = 0; link != NULL && i < most; i++) {
    out_string(out, " ");
    if (!is_inside(pool, link)) { /* damaged? */
      out_string(out, "?");
      break;
    }
    out_number(out, (uintptr_t)link - (uintptr_t)pool);
    link = block_link(link);
  }
  out_string(out, "\n");
}

void headers_write(struct out *out, const struct headers_side *side,
                   const struct pool_header *pool)
{
  pym_location place = {0};
  pym_pool_state state = pool_state(pool);
  (void)side->locate(side->context, pool, &place);
  out_string(out, "pool ");
  write_place(out, &place);
  field(out, "count", pool->ref.count);
  if (pool->freeblock == NULL)
    out_string(out, " freeblock=-");
  else
    field(out, "freeblock", (uintptr_t)pool->freeblock - (uintptr_t)pool);
  write_link(out, side, "nextpool", pool->nextpool, state == PYM_POOL_FULL);
  write_link(out, side, "prevpool", pool->prevpool, state != PYM_POOL_USED);
  field(out, "arenaindex", pool->arenaindex);
  field(out, "szidx", pool->szidx);
  field(out, "nextoffset", pool->nextoffset);
  field(out, "maxnextoffset", pool->maxnextoffset);
  write_free_chain(out, pool);
}

/* An address of the region, whether its arena is live or was. */
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

size_t headers_of_heap(struct out *out, const pym_heap *heap, bool tells_stale)
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
      headers_write(out, &side, pool);
  }
  return count;
}
