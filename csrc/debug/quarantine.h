/*
** The quarantine holds the blocks freed last, so that a write to a freed block
** is found: a held block is filled with dead bytes, and no request gets it. The
** block held longest leaves first. It holds at most 'capacity' blocks. Two or
** more blocks have at most QUARANTINE_BYTES_MAX together; a single one may have
** more.
*/
#ifndef QUARANTINE_H
#define QUARANTINE_H

#include "base/base.h"

#define QUARANTINE_BYTES_MAX ((size_t)16 << 20)

struct quarantine {
  void **held; /* a ring */
  size_t capacity, first, count;
  size_t bytes; /* of all held blocks */
};

/*
** Makes room for 'capacity' blocks; 0: no block is ever held. false: no
** memory.
*/
bool quarantine_open(struct quarantine *quarantine, pym_raw raw,
                     size_t capacity);
void quarantine_close(struct quarantine *quarantine, pym_raw raw);

/* Must the oldest block leave before a block of 'bytes' can be held? */
bool quarantine_is_full(const struct quarantine *quarantine, size_t bytes);

/* Holds a block. There must be room. */
void quarantine_put(struct quarantine *quarantine, void *data, size_t bytes);

/* The block held longest, or NULL. */
void *quarantine_oldest(const struct quarantine *quarantine);

/* Removes the oldest block, which has 'bytes'. */
void quarantine_drop(struct quarantine *quarantine, size_t bytes);

#endif
