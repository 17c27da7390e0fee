/*
** A set of addresses: a table with open addressing, at most half full.
*/
#ifndef ADDRESS_SET_H
#define ADDRESS_SET_H

#include "base/base.h"

struct address_set {
  const void **slots; /* NULL: free */
  size_t capacity;    /* a power of two, or 0 */
  size_t count;
};

/* Makes room for one more; false: no memory. Starts from all zeros. */
bool address_set_reserve(struct address_set *set);

/* Adds an address that is not NULL and not in the set. Room was reserved. */
void address_set_add(struct address_set *set, const void *address);

bool address_set_has(const struct address_set *set, const void *address);

/* Takes an address out; false: it was not in. */
bool address_set_remove(struct address_set *set, const void *address);

void address_set_close(struct address_set *set);

#endif
