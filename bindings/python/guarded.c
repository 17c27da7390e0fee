/*
** Prints a block of 13 bytes with the bytes that the debug hooks write around
** it, in hexadecimal, for script/suite/i386, which compares them with CPython's.
*/
#include <stdio.h>

#include "debug/guard_bytes.h"

#ifdef PYM_NATURAL_POINTERS
#define PROFILE "3.11-32bit"
#else
#define PROFILE "3.11"
#endif

#define BLOCK_BYTES 13

int main(void)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find(PROFILE)->geometry;
  options.debug = pym_debug_of(&options.geometry);
  pym_heap *heap = pym_heap_new(&options);
  unsigned char *data = heap == NULL ? NULL : pym_malloc(heap, BLOCK_BYTES);
  if (data == NULL)
    return 1;
  const unsigned char *end = data + BLOCK_BYTES + GUARD_PAD_BYTES;
  for (const unsigned char *at = data - GUARD_HEAD_BYTES; at < end; at++)
    printf("%02x", *at);
  putchar('\n');
  pym_free(heap, data);
  pym_heap_delete(heap);
  return 0;
}
