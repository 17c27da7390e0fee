/*
** A C program with a heap: it prints the place of a block, and the report.
*/
#include <pymalloc.h>
#include <stdio.h>

int main(void)
{
  pym_heap *heap = pym_heap_new(NULL); /* profile 3.6 */
  void *block = heap == NULL ? NULL : pym_malloc(heap, 24);
  pym_location at;
  if (block == NULL || !pym_locate(heap, block, &at))
    return 1;
  printf("pymalloc %d, compiled with %d\n", pym_version(), PYM_VERSION_NUM);
  printf("24 bytes at %zu:%zu:%zu\n", at.arena, at.pool, at.offset);
  pym_report(heap, false, pym_write_file, stdout);
  pym_free(heap, block);
  pym_heap_delete(heap);
  return 0;
}
