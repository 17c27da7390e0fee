/*
** A quarantine holds freed blocks back, the last freed ones, so that what is
** written to them through a stale address is found: they are dead bytes all
** over, and nobody else gets them meanwhile. First in, first out; bounded in
** blocks and in bytes.
*/
#ifndef QUARANTINE_H
#define QUARANTINE_H

#include "base/base.h"

#define QUARANTINE_BYTES_MAX ((size_t)16 << 20)

struct quarantine {
  void **held; /* a ring */
  size_t capacity, first, count;
  size_t bytes; /* of all that is held */
};

/* Room for 'capacity' blocks; false: no memory. 0: nothing is ever held. */
bool quarantine_open(struct quarantine *quarantine, pym_raw raw,
                     size_t capacity);
void quarantine_close(struct quarantine *quarantine, pym_raw raw);

/* Must the oldest one go before a block of 'bytes' can be held? */
bool quarantine_is_full(const struct quarantine *quarantine, size_t bytes);

/* Holds a block; there is room. */
void quarantine_put(struct quarantine *quarantine, void *data, size_t bytes);

/* The block held the longest; NULL: none. */
void *quarantine_oldest(const struct quarantine *quarantine);

/* Lets the oldest go, which has 'bytes'. */
void quarantine_drop(struct quarantine *quarantine, size_t bytes);

#endif
