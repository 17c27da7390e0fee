/*
** A pool: its header, its free chain, and carving.
**
** prove: pool_init pool_has_virgin pool_carve pool_pop
** prove: pool_wants_carving pool_begin pool_give pool_is_full
** prove: pool_is_empty pool_state pool_is_classless
** open: that the chain behind a block that pool_give puts in front stays linked
** assume: block_link block_set_link geometry_header_bytes geometry_class_bytes
**
** The free chain is a stack: member(n - 1) is its first block, and member(0)
** its last. 'member', 'header' and 'bytes' are any function and any numbers, so
** each contract holds for every chain, every block size and every capacity.
** carved(offset) is (offset - header) / bytes, and is_boundary says that the
** division has no rest; the proofs use only that both hold at 'header', and
** what happens when an offset grows by 'bytes'.
*/
#include "state/pool.h"

/*@ axiomatic Pool {
      logic block *link{L}(block *free_block) reads free_block[0 .. 7];
      logic block *member(integer i);
      logic integer header;
      logic integer bytes;
      logic integer carved(integer offset);
      predicate is_boundary(integer offset);
      axiom sizes: 48 <= header <= 512 && 8 <= bytes <= 262144;
      axiom first: carved(header) == 0 && is_boundary(header);
      axiom next: \forall integer offset; is_boundary(offset) ==>
        is_boundary(offset + bytes) &&
        carved(offset + bytes) == carved(offset) + 1;
    }

    // a place at which a block of the pool begins, below an offset
    predicate boundary(struct pool_header *pool, block *b, integer below) =
      \exists integer offset; is_boundary(offset) &&
        b == (block *)pool + offset && header <= offset < below;

    predicate chain{L}(struct pool_header *pool, integer n) =
      0 <= n && pool->freeblock == (n == 0 ? (block *)\null : member(n - 1)) &&
      (\forall integer i; 0 <= i < n ==> \valid(member(i) + (0 .. 7))) &&
      (\forall integer i; 0 <= i < n ==>
        link(member(i)) == (i == 0 ? (block *)\null : member(i - 1))) &&
      (\forall integer i, j; 0 <= i < n && 0 <= j < n && i != j ==>
        \separated(member(i) + (0 .. 7), member(j) + (0 .. 7)));

    // [pool.chain]
    predicate on_boundaries{L}(struct pool_header *pool, integer n) =
      \forall integer i; 0 <= i < n ==>
        boundary(pool, member(i), pool->nextoffset);

    // the part of [pool.class] that says that nextoffset is a boundary
    predicate whole{L}(struct pool_header *pool) =
      is_boundary(pool->nextoffset);

    // [pool.count]
    predicate counted{L}(struct pool_header *pool, integer n) =
      pool->ref.count + n == carved(pool->nextoffset);

    // [pool.ready]
    predicate ready{L}(struct pool_header *pool) =
      pool->nextoffset <= pool->maxnextoffset ==> pool->freeblock != \null;

    // what pym_geometry_check ensures for every pool
    predicate sized{L}(struct pool_header *pool) =
      \valid(pool) && pool->ref.count <= 131072 &&
      header <= pool->nextoffset <= pool->maxnextoffset + bytes <= 1048576;
*/

/*@ requires \valid_read(free_block + (0 .. 7));
    assigns \nothing;
    ensures \result == link(free_block);
*/
static inline block *block_link(const block *free_block);

/*@ requires \valid(free_block + (0 .. 7));
    assigns free_block[0 .. 7];
    ensures link(free_block) == next;
    ensures \forall block *other;
      \separated(other + (0 .. 7), free_block + (0 .. 7)) ==>
        link(other) == \old(link(other));
*/
static inline void block_set_link(block *free_block, block *next);

/*@ assigns \nothing;
    ensures \result == header;
*/
static inline size_t geometry_header_bytes(const pym_geometry *geometry);

/*@ requires \valid_read(geometry) && 0 < geometry->alignment;
    requires szidx < geometry->threshold / geometry->alignment;
    requires bytes == (szidx + 1) * geometry->alignment;
    assigns \nothing;
    ensures \result == bytes;
*/
static inline size_t geometry_class_bytes(const pym_geometry *geometry,
                                          size_t szidx);

/*@ requires \valid_read(geometry) && \valid(pool) &&
             \separated(geometry, pool);
    requires pool->ref.count == 0;
    requires geometry->alignment > 0;
    requires szidx < geometry->threshold / geometry->alignment;
    requires bytes == (szidx + 1) * geometry->alignment;
    requires header + 2 * bytes <= geometry->pool_bytes <= 1048576;
    assigns *pool;
    ensures pool_count: counted(pool, 0);
    ensures pool_class: pool->szidx == szidx && pool->nextoffset == header &&
                        pool->maxnextoffset == geometry->pool_bytes - bytes;
    ensures the_chain_is_empty: chain(pool, 0);
    ensures sized(pool) && whole(pool);
    ensures pool->ref.count == 0;
*/
static inline void pool_init(struct pool_header *pool,
                             const pym_geometry *geometry, size_t szidx);

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures \result <==> pool->nextoffset <= pool->maxnextoffset;
*/
static inline bool pool_has_virgin(const struct pool_header *pool);

/*@ requires sized(pool);
    requires whole(pool);
    requires chain(pool, 0);
    requires block_bytes == bytes;
    requires pool->nextoffset <= pool->maxnextoffset;
    requires \valid((block *)pool + (pool->nextoffset ..
                                     pool->nextoffset + 7));
    assigns pool->freeblock, pool->nextoffset,
            ((block *)pool + pool->nextoffset)[0 .. 7];
    ensures pool_count: counted{Pre}(pool, 0) ==> counted(pool, 1);
    ensures pool_ready: ready(pool);
    ensures pool_chain: counted{Pre}(pool, 0) &&
      member(0) == (block *)pool + \old(pool->nextoffset) ==>
        on_boundaries(pool, 1);
    ensures linked: counted{Pre}(pool, 0) &&
      member(0) == (block *)pool + \old(pool->nextoffset) ==> chain(pool, 1);
    ensures carves_one_block: pool->nextoffset == \old(pool->nextoffset) + bytes
      && pool->freeblock == (block *)pool + \old(pool->nextoffset);
    ensures sized(pool) && whole(pool);
*/
static inline void pool_carve(struct pool_header *pool, size_t block_bytes);

/*@ requires sized(pool) && whole(pool) && pool->ref.count < 131072;
    requires \exists integer n; 1 <= n && chain(pool, n);
    assigns pool->ref.count, pool->freeblock;
    ensures takes_the_block_freed_last: \result == \old(pool->freeblock);
    ensures pool_count: \forall integer n; counted{Pre}(pool, n) ==>
      counted(pool, n - 1);
    ensures pool_chain: \forall integer n;
      1 <= n && on_boundaries{Pre}(pool, n) ==> on_boundaries(pool, n - 1);
    ensures linked: \forall integer n;
      1 <= n && chain{Pre}(pool, n) ==> chain(pool, n - 1);
    ensures one_more_is_live: pool->ref.count == \old(pool->ref.count) + 1;
    ensures sized(pool) && whole(pool);
*/
static inline block *pool_pop(struct pool_header *pool);

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures pool_ready: \result <==> !ready(pool);
*/
static inline bool pool_wants_carving(const struct pool_header *pool);

/*@ requires \valid_read(geometry) && \valid(pool) &&
             \separated(geometry, pool);
    requires pool->ref.count == 0;
    requires geometry->alignment > 0;
    requires szidx < geometry->threshold / geometry->alignment;
    requires bytes == (szidx + 1) * geometry->alignment;
    requires header + 2 * bytes <= geometry->pool_bytes <= 1048576;
    requires \valid((block *)pool + (header + bytes .. header + bytes + 7));
    assigns *pool, ((block *)pool + (header + bytes))[0 .. 7];
    ensures takes_block_0: \result == (block *)pool + header;
    ensures pool_count: counted(pool, 1) && pool->ref.count == 1;
    ensures pool_ready: ready(pool);
    ensures pool_class: pool->szidx == szidx &&
                        pool->maxnextoffset == geometry->pool_bytes - bytes;
    ensures pool_chain: member(0) == (block *)pool + (header + bytes) ==>
      on_boundaries(pool, 1);
    ensures linked: member(0) == (block *)pool + (header + bytes) ==>
      chain(pool, 1);
    ensures carves_two_blocks: pool->nextoffset == header + 2 * bytes;
    ensures sized(pool) && whole(pool);
*/
static inline block *pool_begin(struct pool_header *pool,
                                const pym_geometry *geometry, size_t szidx);

/*@ requires sized(pool) && whole(pool) && pool->ref.count > 0;
    requires \valid(freed + (0 .. 7));
    requires boundary(pool, freed, pool->nextoffset);
    requires (size_t)((size_t)freed - (size_t)pool) < pool->nextoffset;
    assigns pool->ref.count, pool->freeblock, freed[0 .. 7];
    ensures goes_to_the_front: pool->freeblock == freed;
    ensures returns_the_old_front: \result == \old(pool->freeblock);
    ensures pool_count: \forall integer n; counted{Pre}(pool, n) ==>
      counted(pool, n + 1);
    ensures pool_ready: ready(pool);
    ensures pool_chain: \forall integer n;
      on_boundaries{Pre}(pool, n) && member(n) == freed ==>
        on_boundaries(pool, n + 1);
    ensures one_less_is_live: pool->ref.count == \old(pool->ref.count) - 1;
    ensures sized(pool) && whole(pool);
*/
static inline block *pool_give(struct pool_header *pool, block *freed);

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures \result <==> pool->freeblock == \null;
*/
static inline bool pool_is_full(const struct pool_header *pool);

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures \result <==> pool->ref.count == 0;
*/
static inline bool pool_is_empty(const struct pool_header *pool);

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures \result == PYM_POOL_EMPTY <==> pool->ref.count == 0;
    ensures \result == PYM_POOL_FULL <==>
      pool->ref.count != 0 && pool->freeblock == \null;
    ensures \result == PYM_POOL_USED <==>
      pool->ref.count != 0 && pool->freeblock != \null;
*/
static inline pym_pool_state pool_state(const struct pool_header *pool);

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures \result <==> pool->szidx == 0xffff;
*/
static inline bool pool_is_classless(const struct pool_header *pool);
