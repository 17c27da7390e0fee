#include "report/state_hash.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* A pym_write that adds the text to the hash in 'context'. */
static bool add(void *context, const char *text, size_t bytes)
{
  uint64_t hash = *(const uint64_t *)context;
  for (size_t i = 0; i < bytes; i++)
    hash = (hash ^ (unsigned char)text[i]) * FNV_PRIME;
  *(uint64_t *)context = hash;
  return true;
}

uint64_t state_hash(const pym_heap *heap)
{
  uint64_t hash = FNV_BASIS;
  (void)pym_dump(heap, add, &hash);
  return hash;
}
