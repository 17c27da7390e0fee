/*
** The invariants of a whole heap: its arenas, the lists over them, the
** counters and the cache.
*/
#include "check/check.h"
#include "memory/medium.h"

/* [arenas.counters] and [arenas.release] */
static bool check_counters(struct check *check)
{
  const pym_heap *heap = check->heap;
  size_t slot = 0, open = 0, all_free = 0;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(heap, &slot)) != NULL) {
    open++;
    all_free += arena_is_free(arena);
  }
  if (open != heap->narenas_currently_allocated ||
      open > heap->narenas_highwater ||
      heap->narenas_highwater > heap->ntimes_arena_allocated)
    return check_fail(check, ARENAS_COUNTERS,
                      "%zu slots are open; current is %zu, highwater %zu, "
                      "total %zu",
                      open, heap->narenas_currently_allocated,
                      heap->narenas_highwater, heap->ntimes_arena_allocated);
  size_t most = heap->geometry.release == PYM_RELEASE_AT_ONCE     ? 0
                : heap->geometry.release == PYM_RELEASE_KEEP_LAST ? 1
                                                                  : open;
  if (all_free > most)
    return check_fail(check, ARENAS_RELEASE,
                      "%zu arenas are all free; the release rule \"%s\" "
                      "leaves at most %zu",
                      all_free, geometry_release_name(heap->geometry.release),
                      most);
  return true;
}

/* [medium.spans], [medium.kept] and [medium.lowest] */
static bool check_medium(struct check *check)
{
  const struct medium *medium = check->heap->medium;
  if (medium == NULL)
    return true;
  if (!medium_spans_hold(medium))
    return check_fail(check, MEDIUM_SPANS,
                      "the bits of a span, or the counts of spans, disagree");
  if (!medium_kept_hold(medium))
    return check_fail(check, MEDIUM_KEPT,
                      "a kept block is not a block of its class, or is kept "
                      "twice");
  if (!medium_lowest_hold(medium))
    return check_fail(check, MEDIUM_LOWEST,
                      "a span below the lowest one of a class has a run for "
                      "the class");
  return true;
}

bool check_heap(struct check *check)
{
  size_t slot = 0;
  const struct arena_object *arena;
  while ((arena = walk_next_arena(check->heap, &slot)) != NULL)
    if (!check_arena(check, arena))
      return false;
  return check_lists(check) && check_counters(check) && check_loans(check) &&
         check_cache(check) && check_medium(check);
}
