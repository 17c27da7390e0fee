/*
** The kinds of allocation of a heaptrack file: each has a size and a site. The
** file names the kind of each request and no address. A free is of the block of
** its kind that was allocated last: each kind has a stack of its live blocks.
*/
#ifndef SINK_KINDS_H
#define SINK_KINDS_H

#include "trace_writer.h"

struct sink_kind {
  uint64_t size;
  uint32_t site;
  uint64_t *live; /* ids of its live blocks, the last on top */
  size_t count, capacity;
};

struct sink_kinds {
  struct sink_kind *items;
  size_t count, capacity;
};

/* Adds a kind, which gets the next number, from 0. false: there is no memory. */
bool sink_kinds_add(struct sink_kinds *kinds, uint64_t size, uint32_t site);

/*
** Put a request of a kind. false: there is no such kind, or no live block of it,
** and nothing is put.
*/
bool sink_kinds_malloc(struct sink_kinds *kinds, struct trace_writer *writer,
                       uint64_t number);
bool sink_kinds_free(struct sink_kinds *kinds, struct trace_writer *writer,
                     uint64_t number);

void sink_kinds_close(struct sink_kinds *kinds);

#endif
