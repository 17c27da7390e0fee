#include "headers.h"

#include "state/block.h"

static void field(struct writer *writer, const char *name, uint64_t value)
{
  writer_string(writer, " ");
  writer_string(writer, name);
  writer_string(writer, "=");
  writer_number(writer, value);
}

static void write_place(struct writer *writer, const pym_location *place)
{
  writer_number(writer, place->arena);
  writer_string(writer, ":");
  writer_number(writer, place->pool);
}

/* Writes "ring:CLASS" for the address of a ring header, else "?". */
static void write_ring(struct writer *writer, const struct headers_side *side,
                       uintptr_t address)
{
  size_t distance = address - side->rings;
  if (distance % side->ring_bytes != 0 ||
      distance / side->ring_bytes >= CLASS_COUNT_MAX) {
    writer_string(writer, "?");
    return;
  }
  writer_string(writer, "ring:");
  writer_number(writer, distance / side->ring_bytes);
}

static void write_link(struct writer *writer, const struct headers_side *side,
                       const char *name, const struct pool_header *link,
                       bool is_stale)
{
  pym_location place;
  writer_string(writer, " ");
  writer_string(writer, name);
  writer_string(writer, "=");
  if (is_stale && !side->tells_stale)
    writer_string(writer, "~");
  else if (link == NULL)
    writer_string(writer, "-");
  else if (side->locate(side->context, link, &place))
    write_place(writer, &place);
  else
    write_ring(writer, side, (uintptr_t)link);
}

/*
** Does the link lead into the carved part of the pool, so that it can be read?
*/
static bool is_inside(const struct pool_header *pool, const block *link)
{
  size_t offset = (uintptr_t)link - (uintptr_t)pool;
  return offset >= sizeof *pool && offset < pool->nextoffset;
}

static void write_free_chain(struct writer *writer,
                             const struct pool_header *pool)
{
  const block *link = pool->freeblock;
  size_t most = pool->nextoffset / sizeof(block *);
  writer_string(writer, " free");
  for (size_t i = 0; link != NULL && i < most; i++) {
    writer_string(writer, " ");
    if (!is_inside(pool, link)) { /* damaged? */
      writer_string(writer, "?");
      break;
    }
    writer_number(writer, (uintptr_t)link - (uintptr_t)pool);
    link = block_link(link);
  }
  writer_string(writer, "\n");
}

void headers_write(struct writer *writer, const struct headers_side *side,
                   const struct pool_header *pool)
{
  pym_location place = {0};
  pym_pool_state state = pool_state(pool);
  (void)side->locate(side->context, pool, &place);
  writer_string(writer, "pool ");
  write_place(writer, &place);
  field(writer, "count", pool->ref.count);
  if (pool->freeblock == NULL)
    writer_string(writer, " freeblock=-");
  else
    field(writer, "freeblock", (uintptr_t)pool->freeblock - (uintptr_t)pool);
  write_link(writer, side, "nextpool", pool->nextpool, state == PYM_POOL_FULL);
  write_link(writer, side, "prevpool", pool->prevpool, state != PYM_POOL_USED);
  field(writer, "arenaindex", pool->arenaindex);
  field(writer, "szidx", pool->szidx);
  field(writer, "nextoffset", pool->nextoffset);
  field(writer, "maxnextoffset", pool->maxnextoffset);
  write_free_chain(writer, pool);
}
