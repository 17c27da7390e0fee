#include "address_set.h"

#define ENTRY_BYTES sizeof(uint64_t)

bool address_set_open(struct address_set *set)
{
  set->table = hash_table_new(pym_raw_default(), 0);
  return address_set_reserve(set);
}

void address_set_close(struct address_set *set)
{
  hash_table_close(&set->table);
}

bool address_set_reserve(struct address_set *set)
{
  return hash_table_reserve(&set->table, 1, ENTRY_BYTES);
}

void address_set_add(struct address_set *set, const void *address)
{
  uint64_t *entry =
      hash_table_put(&set->table, (uintptr_t)address, ENTRY_BYTES);
  *entry = (uintptr_t)address;
}

bool address_set_has(const struct address_set *set, const void *address)
{
  return hash_table_find(&set->table, (uintptr_t)address, ENTRY_BYTES) != NULL;
}

bool address_set_remove(struct address_set *set, const void *address)
{
  void *entry = hash_table_find(&set->table, (uintptr_t)address, ENTRY_BYTES);
  if (entry == NULL)
    return false;
  hash_table_remove(&set->table, entry, ENTRY_BYTES);
  return true;
}
