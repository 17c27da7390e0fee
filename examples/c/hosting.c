/*
** Hosting a program: a heap with a cache, used through the inline functions.
*/
#include <pymalloc_inline.h>
#include <stdio.h>

struct node {
  struct node *next;
  int value;
};

int main(void)
{
  pym_options options = pym_options_hosting();
  pym_heap *heap = pym_heap_new(&options);
  struct node *list = NULL;
  for (int i = 1; i <= 1000; i++) {
    struct node *node = pym_malloc_inline(heap, sizeof *node);
    *node = (struct node){list, i};
    list = node;
  }
  long sum = 0;
  while (list != NULL) {
    struct node *next = list->next;
    sum += list->value;
    pym_free_sized_inline(heap, list, sizeof *list);
    list = next;
  }
  char *text = pym_malloc_inline(heap, 10);
  text = pym_realloc_sized_inline(heap, text, 10, 100);
  pym_free_inline(heap, text);

  pym_stats stats;
  pym_heap_stats(heap, &stats, NULL);
  printf("the sum is %ld; more than 100 free blocks in the cache: %s\n", sum,
         stats.cached_blocks > 100 ? "yes" : "no");
  pym_heap_delete(heap);
  return 0;
}
