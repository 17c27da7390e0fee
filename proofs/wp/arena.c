/*
** An arena: pools are taken and given back, the pool emptied last first.
**
** prove: arena_is_open arena_is_free arena_is_full arena_take_pool
** prove: arena_give_pool
** assume: arena_carve_pool
**
** freepools is a stack: member(n - 1) is its first pool, and member(0) its
** last. 'member' is any function, and virgin(address) is the number of pools
** that are not carved when pool_address is 'address'.
*/
#include "state/arena.h"

/*@ axiomatic Arena {
      logic struct pool_header *member(integer i);
      logic integer virgin(block *address);
    }

    predicate freepools{L}(struct arena_object *arena, integer n) =
      0 <= n && arena->freepools ==
        (n == 0 ? (struct pool_header *)\null : member(n - 1)) &&
      (\forall integer i; 0 <= i < n ==> member(i) != \null &&
        \valid(member(i)) && \separated(member(i), arena)) &&
      (\forall integer i; 0 <= i < n ==> member(i)->nextpool ==
        (i == 0 ? (struct pool_header *)\null : member(i - 1))) &&
      (\forall integer i, j; 0 <= i < n && 0 <= j < n && i != j ==>
        \separated(member(i), member(j)));

    // the part of [arena.empty] that says that pools on freepools are empty
    predicate empty{L}(integer n) =
      \forall integer i; 0 <= i < n ==> member(i)->ref.count == 0;

    // [arena.free_pools]
    predicate counted{L}(struct arena_object *arena, integer n) =
      arena->nfreepools == n + virgin(arena->pool_address);
*/

/*@ requires \valid(arena);
    assigns arena->pool_address;
    ensures virgin(arena->pool_address) ==
      virgin(\old(arena->pool_address)) - 1;
*/
struct pool_header *arena_carve_pool(struct arena_object *arena,
                                     size_t arenaindex,
                                     const pym_geometry *geometry);

/*@ requires \valid_read(arena);
    assigns \nothing;
    ensures \result <==> arena->address != 0;
*/
static inline bool arena_is_open(const struct arena_object *arena);

/*@ requires \valid_read(arena);
    assigns \nothing;
    ensures \result <==> arena->nfreepools == arena->ntotalpools;
*/
static inline bool arena_is_free(const struct arena_object *arena);

/*@ requires \valid_read(arena);
    assigns \nothing;
    ensures \result <==> arena->nfreepools == 0;
*/
static inline bool arena_is_full(const struct arena_object *arena);

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures \result <==> pool->ref.count == 0;
*/
static inline bool pool_is_empty(const struct pool_header *pool);

/*@ requires \valid(arena) && arena->nfreepools > 0;
    requires arena->freepools != \null ==> \valid(arena->freepools) &&
      \separated(arena, arena->freepools) &&
      arena->freepools->ref.count == 0;
    assigns arena->nfreepools, arena->freepools, arena->pool_address;
    ensures takes_the_pool_emptied_last: \old(arena->freepools) != \null ==>
      \result == \old(arena->freepools) &&
      arena->freepools == \old(arena->freepools->nextpool) &&
      arena->pool_address == \old(arena->pool_address);
    ensures carves_one_if_none_is_emptied: \old(arena->freepools) == \null ==>
      arena->freepools == \null;
    ensures arena_free_pools: \forall integer n;
      1 <= n && freepools{Pre}(arena, n) && counted{Pre}(arena, n) ==>
        counted(arena, n - 1);
    ensures arena_free_pools: freepools{Pre}(arena, 0) &&
      counted{Pre}(arena, 0) ==> counted(arena, 0);
    ensures linked: \forall integer n;
      1 <= n && freepools{Pre}(arena, n) ==> freepools(arena, n - 1);
    ensures arena_empty: \forall integer n;
      1 <= n && freepools{Pre}(arena, n) && empty{Pre}(n) ==> empty(n - 1);
*/
static inline struct pool_header *arena_take_pool(struct arena_object *arena,
                                                  size_t arenaindex,
                                                  const pym_geometry *geometry);

/*@ requires \valid(arena) && \valid(pool) && \separated(arena, pool);
    requires pool != \null && pool->ref.count == 0;
    requires arena->nfreepools < arena->ntotalpools;
    requires arena->address <= (uintptr_t)pool;
    requires (uintptr_t)pool < (uintptr_t)arena->pool_address;
    assigns pool->nextpool, arena->freepools, arena->nfreepools;
    ensures goes_to_the_front: arena->freepools == pool &&
      pool->nextpool == \old(arena->freepools);
    ensures arena_free_pools: \forall integer n;
      counted{Pre}(arena, n) ==> counted(arena, n + 1);
    ensures linked: \forall integer n;
      freepools{Pre}(arena, n) && member(n) == pool &&
      (\forall integer i; 0 <= i < n ==> \separated(member(i), pool)) ==>
        freepools(arena, n + 1);
    ensures arena_empty: \forall integer n;
      freepools{Pre}(arena, n) && empty{Pre}(n) && member(n) == pool &&
      (\forall integer i; 0 <= i < n ==> \separated(member(i), pool)) ==>
        empty(n + 1);
*/
static inline void arena_give_pool(struct arena_object *arena,
                                   struct pool_header *pool);
