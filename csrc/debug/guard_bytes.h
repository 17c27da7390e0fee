/*
** Guard bytes are the bytes that CPython's debug hooks write around a block (a
** red zone, in other tools). A layout says which bytes one CPython version
** writes. A request grows by 'extra' bytes; q is the address that the heap
** returns, p the one that the caller gets. In a CPython of 32 bits, each 8 is a 4
** (POINTER_BYTES).
**
**   q         q+8  q+9      p = q+16      p+n          p+n+8
**   +---------+----+--------+-------------+------------+---------+
**   | n       | id | 7 pads | n bytes     | 8 pads     | serial  |
**   +---------+----+--------+-------------+------------+---------+
**   big-endian  'o'  FB      CB, once        FB          big-endian;
**               'r'          freed: DB                   3.6 only
**
** The id tells where the request came from: 'o' from a caller of the heap, 'r'
** from the heap itself, which asks the raw allocator for its arenas vector and
** for large requests. A large block has guard bytes twice, as in CPython.
**
** Tested by spec/unit/debug_spec.lua and quarantine_spec.lua.
*/
#ifndef GUARD_BYTES_H
#define GUARD_BYTES_H

#include "base/base.h"

#define GUARD_HEAD_BYTES (2 * POINTER_BYTES)
#define GUARD_PAD_BYTES POINTER_BYTES

struct guard_layout {
  const char *version;
  unsigned char clean, dead, forbidden;
  bool has_serial;
  bool erases; /* a resize fills the ends of a block with dead bytes first */
  size_t extra_bytes;
};

/* The ends of a block that a resize saves, by the rule of 3.7 and later. */
#define GUARD_ERASED_BYTES 64u
struct guard_saved {
  size_t bytes; /* the size of the block */
  unsigned char content[2 * GUARD_ERASED_BYTES];
};

/* The layout of a version, or NULL for PYM_DEBUG_OFF. */
const struct guard_layout *guard_layout_of(pym_debug debug);

/* Writes the head and the tail of a block of 'bytes' at 'data'. */
void guard_bytes_write(const struct guard_layout *layout, unsigned char *data,
                       size_t bytes, char api, uint64_t serial);

/* The size and the id that the head has, and the serial number of the tail. */
uint64_t guard_bytes_size(const unsigned char *data);
char guard_bytes_api(const unsigned char *data);
uint64_t guard_bytes_serial(const unsigned char *data, size_t bytes);

bool guard_bytes_head_is_whole(const struct guard_layout *layout,
                               const unsigned char *data);
bool guard_bytes_tail_is_whole(const struct guard_layout *layout,
                               const unsigned char *data, size_t bytes);

/* Fills a block with its head and tail with dead bytes. */
void guard_bytes_fill_dead(const struct guard_layout *layout,
                           unsigned char *data, size_t bytes);

/* The first byte of a freed block that is not dead; NULL: all bytes are. */
const unsigned char *
guard_bytes_first_not_dead(const struct guard_layout *layout,
                           const unsigned char *data, size_t bytes);

/* Saves the ends of a block and fills them with dead bytes; restores them. */
void guard_bytes_erase(const struct guard_layout *layout, unsigned char *data,
                       size_t bytes, struct guard_saved *saved);
void guard_bytes_restore(unsigned char *data, size_t bytes,
                         const struct guard_saved *saved);

#endif
