/*
** The allocators that are compared.
*/
#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>

#include "workloads.h"

typedef size_t (*workload_fn)(size_t n);

struct peer {
  const char *name;
  const char *library;                   /* to open; NULL: none */
  const workload_fn *workloads;          /* in the order of WORKLOADS */
  bool (*open)(const struct peer *peer); /* NULL: nothing to do */
  void (*trim)(void);                    /* gives memory back; NULL: cannot */
  bool is_for_growth;                    /* runs only when it is named */
};

/* All that are known; '*count' receives how many. */
const struct peer *peers(size_t *count);

/* Has it a library, or needs none? */
bool peer_is_found(const struct peer *peer);

/* Tells where the library of a peer is: for peers that have no usual place. */
void peer_set_path(const char *library, const char *path);

#endif
