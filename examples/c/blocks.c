/*
** Blocks: all functions that allocate, resize and free them.
*/
#include <pymalloc.h>
#include <stdio.h>

static void tell(const pym_heap *heap, const char *what, const void *block)
{
  pym_location at;
  if (pym_locate(heap, block, &at))
    printf("%-22s %zu:%zu:%zu\n", what, at.arena, at.pool, at.offset);
  else
    printf("%-22s raw\n", what);
}

int main(void)
{
  pym_options options = pym_options_default();
  options.max_arenas = 4;
  pym_heap *heap = pym_heap_new(&options);
  char *text = pym_malloc(heap, 24);
  tell(heap, "malloc(24)", text);
  int *numbers = pym_calloc(heap, 10, sizeof *numbers);
  tell(heap, "calloc(10, 4)", numbers);
  text = pym_realloc(heap, text, 20); /* in place: it is above 3/4 of 24 */
  tell(heap, "realloc to 20", text);
  text = pym_realloc_sized(heap, text, 20, 600);
  tell(heap, "realloc to 600", text);
  pym_free(heap, text);
  pym_free_sized(heap, numbers, 10 * sizeof *numbers);
  printf("released arenas, still retained: %zu bytes\n", pym_heap_trim(heap));
  pym_heap_delete(heap);
  return 0;
}
