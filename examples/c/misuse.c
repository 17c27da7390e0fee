/*
** Misuse: a checked heap reports it, and the program continues.
*/
#include <pymalloc.h>
#include <stdio.h>
#include <string.h>

static void on_misuse(void *context, const pym_misuse *misuse)
{
  (void)context;
  printf("reported: %s\n", misuse->kind);
}

static bool count_lines(void *context, const char *text, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++)
    *(unsigned *)context += text[i] == '\n';
  return true;
}

int main(void)
{
  pym_options options = pym_options_default();
  options.checked = true;
  options.debug = pym_debug_of(&options.geometry); /* CPython's guard bytes */
  options.on_misuse = on_misuse;
  pym_heap *heap = pym_heap_new(&options);
  printf("checked: %s\n", pym_is_checked(heap) ? "yes" : "no");
  char *name = pym_malloc(heap, 5);
  strcpy(name, "hello"); /* writes six bytes */
  pym_free(heap, name);
  unsigned lines = 0;
  name = pym_malloc(heap, 24);
  pym_poke(heap, name + 24, "!", 1); /* overwrites a guard byte */
  pym_describe(heap, name, count_lines, &lines);
  printf("description of the block: %u lines\n", lines);
  pym_free(heap, name);
  pym_heap_delete(heap);
  return 0;
}
