/*
** A set of addresses: a hash table whose entries are the keys alone.
*/
#ifndef ADDRESS_SET_H
#define ADDRESS_SET_H

#include "base/hash_table.h"

struct address_set {
  struct hash_table table;
};

/* Makes an empty set. false: there is no memory. */
bool address_set_open(struct address_set *set);
void address_set_close(struct address_set *set);

/* Makes room for one more address. false: there is no memory. */
bool address_set_reserve(struct address_set *set);

/* Adds an address that is not NULL and not in the set. There must be room. */
void address_set_add(struct address_set *set, const void *address);

bool address_set_has(const struct address_set *set, const void *address);

/* Removes an address. false: it was not in the set. */
bool address_set_remove(struct address_set *set, const void *address);

#endif
