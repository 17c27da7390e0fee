#include "address_set.h"

#include <stdlib.h>

#define CAPACITY_MIN 256u

/* Where the search for an address starts. */
static size_t home_of(const struct address_set *set, const void *address)
{
  uint64_t mixed = (uintptr_t)address * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(mixed >> 32) & (set->capacity - 1);
}

/* The slot of an address, or the free one where it belongs. */
static size_t slot_of(const struct address_set *set, const void *address)
{
  size_t i = home_of(set, address);
  while (set->slots[i] != NULL && set->slots[i] != address)
    i = (i + 1) & (set->capacity - 1);
  return i;
}

static bool grow(struct address_set *set)
{
  struct address_set old = *set;
  size_t capacity = old.capacity == 0 ? CAPACITY_MIN : 2 * old.capacity;
  const void **slots = calloc(capacity, sizeof *slots);
  if (slots == NULL)
    return false;
  *set = (struct address_set){slots, capacity, 0};
  for (size_t i = 0; i < old.capacity; i++)
    if (old.slots[i] != NULL)
      address_set_add(set, old.slots[i]);
  free(old.slots);
  return true;
}

bool address_set_reserve(struct address_set *set)
{
  return set->count < set->capacity / 2 || grow(set);
}

void address_set_add(struct address_set *set, const void *address)
{
  set->slots[slot_of(set, address)] = address;
  set->count++;
}

bool address_set_has(const struct address_set *set, const void *address)
{
  return set->capacity > 0 && set->slots[slot_of(set, address)] != NULL;
}

/* May what lies at 'from' fill the gap, or does its search start behind it? */
static bool may_move(const struct address_set *set, size_t gap, size_t from)
{
  size_t mask = set->capacity - 1;
  size_t home = home_of(set, set->slots[from]);
  return ((from - home) & mask) >= ((from - gap) & mask);
}

bool address_set_remove(struct address_set *set, const void *address)
{
  if (!address_set_has(set, address))
    return false;
  size_t mask = set->capacity - 1;
  size_t gap = slot_of(set, address), i = gap;
  while (set->slots[i = (i + 1) & mask] != NULL)
    if (may_move(set, gap, i)) {
      set->slots[gap] = set->slots[i];
      gap = i;
    }
  set->slots[gap] = NULL;
  set->count--;
  return true;
}

void address_set_close(struct address_set *set)
{
  free(set->slots);
}
