/*
** The allocators that are compared.
*/
#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>

#include "ways.h"

struct peer {
  const char *name;
  const char *library;                   /* to open; NULL: needs none */
  const workload_fn *workloads;          /* in the order of WORKLOADS */
  bool (*open)(const struct peer *peer); /* NULL: nothing to do */
  void (*trim)(void);                    /* returns memory; NULL: cannot */
  bool is_for_growth;                    /* runs only if it is named */
};

/* The table of allocators; '*count' receives its length. */
const struct peer *peers(size_t *count);

/* Does it need no library, or is the path of its library known? */
bool peer_is_found(const struct peer *peer);

/* Sets the path of a library that is not installed in a standard place. */
void peer_set_path(const char *library, const char *path);

#endif
