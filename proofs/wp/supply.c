/*
** The release rules, and the counters of arenas.
**
** prove: goes_back may_obtain count_arena
*/
#include "serve/supply.c"

/*@ requires \valid_read(&heap->geometry.release) && \valid_read(arena);
    assigns \nothing;
    ensures at_once: heap->geometry.release == PYM_RELEASE_AT_ONCE ==> \result;
    ensures keep_last: heap->geometry.release == PYM_RELEASE_KEEP_LAST ==>
      (\result <==> arena->nextarena != \null);
    ensures never: heap->geometry.release == PYM_RELEASE_NEVER ==> !\result;
*/
static bool goes_back(const pym_heap *heap, const struct arena_object *arena);

/*@ requires \valid_read(&heap->allowed_arenas);
    requires \valid_read(&heap->narenas_currently_allocated);
    requires \valid_read(&heap->max_arenas);
    assigns \nothing;
    ensures \result <==> heap->allowed_arenas > 0 &&
      heap->narenas_currently_allocated < heap->max_arenas;
*/
static bool may_obtain(const pym_heap *heap);

/*@ requires \valid(&heap->allowed_arenas);
    requires \valid(&heap->narenas_currently_allocated);
    requires \valid(&heap->narenas_highwater);
    requires \valid(&heap->ntimes_arena_allocated);
    requires \valid_read(&heap->max_arenas);
    requires heap->allowed_arenas > 0;
    requires heap->narenas_currently_allocated < heap->max_arenas;
    requires heap->narenas_currently_allocated <= heap->narenas_highwater <=
      heap->ntimes_arena_allocated < 1000000000000000;
    assigns heap->allowed_arenas, heap->narenas_currently_allocated,
            heap->narenas_highwater, heap->ntimes_arena_allocated;
    ensures arenas_counters: heap->narenas_currently_allocated <=
      heap->narenas_highwater <= heap->ntimes_arena_allocated;
    ensures one_more_is_open: heap->narenas_currently_allocated ==
      \old(heap->narenas_currently_allocated) + 1;
    ensures returns_its_ordinal: \result == heap->ntimes_arena_allocated &&
      \result == \old(heap->ntimes_arena_allocated) + 1;
*/
static size_t count_arena(pym_heap *heap);
