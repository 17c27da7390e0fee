#include "state/walk.h"

#include <string.h>

struct arena_object *walk_next_arena(const pym_heap *heap, size_t *slot)
{
  while (*slot < heap->maxarenas) {
    struct arena_object *arena = heap_arena(heap, (*slot)++);
    if (arena != NULL)
      return arena;
  }
  return NULL;
}

/*
** The pool at an address, if it is carved and in the arena's slot; else NULL.
*/
static struct pool_header *carved(const pym_heap *heap,
                                  const struct arena_object *arena,
                                  uintptr_t address)
{
  size_t slot = (size_t)(arena - heap->arenas);
  uintptr_t slot_start = heap->base + (slot << heap->arena_shift);
  bool is_in_slot = address - slot_start < heap->geometry.arena_bytes;
  return is_in_slot && address < (uintptr_t)arena->pool_address
             ? (struct pool_header *)address
             : NULL;
}

struct pool_header *walk_first_pool(const pym_heap *heap,
                                    const struct arena_object *arena)
{
  return carved(heap, arena, arena_first_pool(arena, &heap->geometry));
}

struct pool_header *walk_next_pool(const pym_heap *heap,
                                   const struct arena_object *arena,
                                   const struct pool_header *pool)
{
  return carved(heap, arena, (uintptr_t)pool + heap->geometry.pool_bytes);
}

bool walk_is_slot(const pym_heap *heap, const struct arena_object *slot)
{
  uintptr_t offset = (uintptr_t)slot - (uintptr_t)heap->arenas;
  return offset < heap->maxarenas * sizeof *slot && offset % sizeof *slot == 0;
}

bool walk_is_pool(const pym_heap *heap, const struct pool_header *pool)
{
  return pool != NULL && heap_find_pool(heap, pool) == pool;
}

bool walk_is_block(const pym_heap *heap, const struct pool_header *pool,
                   const block *candidate)
{
  size_t first = geometry_header_bytes(&heap->geometry);
  size_t offset = (uintptr_t)candidate - (uintptr_t)pool;
  assert(walk_has_class(heap, pool));
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return offset >= first && offset < loan_header(heap, pool).nextoffset &&
         offset < heap->geometry.pool_bytes &&
         (offset - first) % pym_class_bytes(&heap->geometry, pool->szidx) == 0;
  /* GCOVR_EXCL_BR_STOP */
}

block *walk_free_block(const pym_heap *heap, const struct pool_header *pool,
                       block *link)
{
  return walk_is_block(heap, pool, link) ? link : NULL;
}

/*
** The bits of a loan whose record can be damaged: enough of them for the blocks
** that a pool of its class has, or NULL.
*/
static const uint64_t *sound_bits(const pym_heap *heap, const struct loan *loan,
                                  size_t capacity)
{
  if (!loan_is_wide(capacity))
    return loan->own;
  return loan_has_wide(heap, loan->wide) ? loan->wide->words : NULL;
}

/*
** The next free block of a lent pool. The record can be damaged: no bit is read
** but those of the blocks that a pool of this class has.
*/
static const block *next_of_loan(const pym_heap *heap, const struct loan *loan,
                                 struct walk_free *at)
{
  const struct pool_header *pool = loan_pool(heap, loan);
  const block *first =
      (const block *)pool + geometry_header_bytes(&heap->geometry);
  size_t capacity = pym_class_capacity(&heap->geometry, pool->szidx);
  const uint64_t *bits = sound_bits(heap, loan, capacity);
  while (bits != NULL && at->index < capacity && at->index < loan->carved) {
    size_t index = at->index++;
    if ((bits[index / 64] >> index % 64 & 1) != 0)
      return first + index * heap_class_bytes(heap, pool->szidx);
  }
  return NULL;
}

const block *walk_next_free(const pym_heap *heap,
                            const struct pool_header *pool,
                            struct walk_free *at, bool *is_damaged)
{
  const struct loan *loan = loan_of(heap, pool);
  *is_damaged = false;
  if (loan != NULL)
    return next_of_loan(heap, loan, at);
  assert(walk_has_class(heap, pool));
  block *link = at->index == 0 ? pool->freeblock : block_link(at->last);
  if (link == NULL)
    return NULL;
  *is_damaged = !walk_is_block(heap, pool, link) ||
                at->index == pym_class_capacity(&heap->geometry, pool->szidx);
  at->index++;
  at->last = link;
  return link;
}

const block *walk_next_cached(const pym_heap *heap,
                              const struct pool_header *pool,
                              struct walk_cached *at)
{
  if (at->bin == 0) { /* no bin, but the block freed last */
    const block *last = heap_freed_last(heap);
    at->bin = 1;
    if (last != NULL && heap_pool_of(heap, last) == pool)
      return last;
  }
  for (; at->bin < PYM_BIN_COUNT; at->bin++, at->index = 0) {
    void **low = heap->bin_lows[at->bin];
    size_t count =
        low == NULL ? 0 : (size_t)(heap->front.bins[at->bin].top - low);
    while (at->index < count) {
      const block *kept = low[at->index++];
      if (heap_pool_of(heap, kept) == pool)
        return kept;
    }
  }
  return NULL;
}

size_t walk_live_blocks(const pym_heap *heap)
{
  size_t slot = 0, live = 0;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(heap, &slot)) != NULL) {
    const struct pool_header *pool = walk_first_pool(heap, arena);
    for (; pool != NULL; pool = walk_next_pool(heap, arena, pool))
      live += loan_header(heap, pool).ref.count;
  }
  return live;
}

static const struct pool_header *linked(const pym_heap *heap,
                                        const struct pool_header *link)
{
  return walk_is_pool(heap, link) ? link : NULL;
}

const struct pool_header *walk_next_in_list(const pym_heap *heap,
                                            const struct pool_header *pool)
{
  bool is_linked = pool_state(pool) != PYM_POOL_FULL; /* nor lent */
  return is_linked ? linked(heap, pool->nextpool) : NULL;
}

const struct pool_header *walk_prev_in_list(const pym_heap *heap,
                                            const struct pool_header *pool)
{
  bool is_linked = pool_state(pool) == PYM_POOL_USED;
  return is_linked ? linked(heap, pool->prevpool) : NULL;
}

pym_pool_info walk_pool_info(const pym_heap *heap,
                             const struct arena_object *arena,
                             const struct pool_header *pool)
{
  bool has_class = walk_has_class(heap, pool);
  const pym_geometry *geometry = &heap->geometry;
  const struct pool_header seen = loan_header(heap, pool);
  return (pym_pool_info){
      .arena = (size_t)(arena - heap->arenas),
      .offset = (uintptr_t)pool - arena_first_pool(arena, geometry),
      .address = pool,
      .state = loan_pool_state(heap, pool),
      .szidx = pool->szidx,
      .block_bytes = has_class ? pym_class_bytes(geometry, pool->szidx) : 0,
      .capacity = has_class ? pym_class_capacity(geometry, pool->szidx) : 0,
      .live = seen.ref.count,
      .freeblock = seen.freeblock,
      .nextpool = pool->nextpool,
      .prevpool = pool->prevpool,
      .next = walk_next_in_list(heap, pool),
      .prev = walk_prev_in_list(heap, pool),
      .arenaindex = pool->arenaindex,
      .nextoffset = seen.nextoffset,
      .maxnextoffset = pool->maxnextoffset};
}

/* One bit for each block of a pool. */
struct bitmap {
  uint64_t words[POOL_BYTES_MAX / ALIGNMENT_MIN / 64];
};

static void set_bit(struct bitmap *bitmap, size_t bit)
{
  assert(bit < 64 * sizeof bitmap->words / sizeof bitmap->words[0]);
  bitmap->words[bit / 64] |= (uint64_t)1 << bit % 64;
}

static bool has_bit(const struct bitmap *bitmap, size_t bit)
{
  return (bitmap->words[bit / 64] >> bit % 64 & 1) != 0;
}

/*
** Marks the free blocks. walk_next_free reads at most as many links as the pool
** has blocks, so that a chain with a loop ends too.
*/
static void mark_free(const pym_heap *heap, const struct pool_header *pool,
                      const pym_pool_info *info, struct bitmap *is_free)
{
  size_t first = geometry_header_bytes(&heap->geometry);
  struct walk_free at = {0};
  const block *found;
  bool is_damaged;
  memset(is_free->words, 0, (info->capacity / 64 + 1) * sizeof(uint64_t));
  while ((found = walk_next_free(heap, pool, &at, &is_damaged)) != NULL &&
         !is_damaged) {
    size_t offset = (uintptr_t)found - (uintptr_t)pool;
    set_bit(is_free, (offset - first) / info->block_bytes);
  }
}

/* Marks the blocks that the heap's cache keeps. */
static void mark_cached(const pym_heap *heap, const struct pool_header *pool,
                        const pym_pool_info *info, struct bitmap *is_cached)
{
  size_t first = geometry_header_bytes(&heap->geometry);
  struct walk_cached at = {0};
  const block *kept;
  memset(is_cached->words, 0, (info->capacity / 64 + 1) * sizeof(uint64_t));
  while ((kept = walk_next_cached(heap, pool, &at)) != NULL) {
    size_t offset = (uintptr_t)kept - (uintptr_t)pool;
    /* GCOVR_EXCL_BR_START: no damage that was tried puts a wrong address into a
       bin */
    if (walk_is_block(heap, pool, kept))
      set_bit(is_cached, (offset - first) / info->block_bytes);
    /* GCOVR_EXCL_BR_STOP */
  }
}

static bool visit_blocks(const pym_heap *heap, const pym_visitor *visitor,
                         const struct pool_header *pool,
                         const pym_pool_info *info)
{
  struct bitmap is_free, is_cached;
  size_t offset = geometry_header_bytes(&heap->geometry);
  if (info->capacity == 0) /* no class, or a damaged one? */
    return true;
  mark_free(heap, pool, info, &is_free);
  mark_cached(heap, pool, info, &is_cached);
  for (size_t i = 0; i < info->capacity; i++, offset += info->block_bytes) {
    pym_block_info found = {.offset = offset,
                            .address = (const char *)info->address + offset,
                            .state = offset >= info->nextoffset
                                         ? PYM_BLOCK_VIRGIN
                                     : has_bit(&is_free, i)   ? PYM_BLOCK_FREE
                                     : has_bit(&is_cached, i) ? PYM_BLOCK_CACHED
                                                              : PYM_BLOCK_LIVE};
    if (!visitor->block(visitor->context, info, &found))
      return false;
  }
  return true;
}

static bool visit_pools(const pym_heap *heap, const pym_visitor *visitor,
                        const struct arena_object *arena)
{
  const struct pool_header *pool = walk_first_pool(heap, arena);
  for (; pool != NULL; pool = walk_next_pool(heap, arena, pool)) {
    pym_pool_info info = walk_pool_info(heap, arena, pool);
    if (visitor->pool != NULL && !visitor->pool(visitor->context, &info))
      return false;
    if (visitor->block != NULL && !visit_blocks(heap, visitor, pool, &info))
      return false;
  }
  return true;
}

/* The slot of an arena object; PYM_NO_SLOT for NULL and a damaged link. */
static size_t slot_of(const pym_heap *heap, const struct arena_object *arena)
{
  return walk_is_slot(heap, arena) ? (size_t)(arena - heap->arenas)
                                   : PYM_NO_SLOT;
}

static pym_arena_info arena_info(const pym_heap *heap,
                                 const struct arena_object *arena)
{
  bool is_usable = !arena_is_full(arena);
  return (pym_arena_info){
      .index = (size_t)(arena - heap->arenas),
      .address = (const void *)arena->address,
      .nfreepools = arena->nfreepools,
      .ntotalpools = arena->ntotalpools,
      .pool_address = arena->pool_address,
      .freepools = arena->freepools,
      .nextarena = slot_of(heap, is_usable ? arena->nextarena : NULL),
      .prevarena = slot_of(heap, is_usable ? arena->prevarena : NULL),
      .serial = arena->serial};
}

bool pym_walk(const pym_heap *heap, const pym_visitor *visitor)
{
  size_t slot = 0;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(heap, &slot)) != NULL) {
    pym_arena_info info = arena_info(heap, arena);
    if (visitor->arena != NULL && !visitor->arena(visitor->context, &info))
      return false;
    if ((visitor->pool != NULL || visitor->block != NULL) &&
        !visit_pools(heap, visitor, arena))
      return false;
  }
  return true;
}
