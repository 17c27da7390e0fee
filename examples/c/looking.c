/*
** Reading a heap: a walk, the statistics, the dump, and the invariants.
*/
#include <pymalloc.h>
#include <stdio.h>

static bool show_pool(void *context, const pym_pool_info *pool)
{
  (void)context;
  printf("pool %zu:%zu, %zu of %zu blocks live, the next one at %zu\n",
         pool->arena, pool->offset, pool->live, pool->capacity,
         pool->nextoffset);
  return true;
}

int main(void)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("classroom")->geometry;
  pym_heap *heap = pym_heap_new(&options);
  for (size_t bytes = 10; bytes <= 60; bytes += 10)
    printf("%zu usable\n", pym_usable_size(heap, pym_malloc(heap, bytes)));
  const pym_visitor visitor = {.pool = show_pool};
  pym_walk(heap, &visitor);

  pym_stats stats;
  pym_heap_stats(heap, &stats, NULL);
  printf("%zu blocks; arenas of %zu bytes, %zu in all, %zu in pool headers\n",
         stats.blocks, pym_heap_geometry(heap)->arena_bytes, stats.arena_bytes,
         stats.header_bytes);

  size_t count;
  pym_fault fault;
  (void)pym_invariants(&count);
  printf("%zu invariants hold: %s\n", count,
         pym_check(heap, &fault) ? "yes" : fault.invariant);
  pym_dump(heap, pym_write_file, stdout);
  pym_heap_delete(heap);
  return 0;
}
