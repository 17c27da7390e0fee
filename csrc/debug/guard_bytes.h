/*
** A layout is the bytes that the debug hooks of one CPython version put into
** and around a block. The request grows by 'extra' bytes; q is what the heap
** gives, p what the caller gets.
**
**   q         q+8  q+9      p = q+16      p+n          p+n+8
**   +---------+----+--------+-------------+------------+---------+
**   | n       | id | 7 pads | n bytes     | 8 pads     | serial  |
**   +---------+----+--------+-------------+------------+---------+
**   big-endian  'o'  FB      CB, once        FB          big-endian;
**               'r'          freed: DB                   3.6 only
**
** The id tells who asked: 'o' a caller of the heap, 'r' the heap itself, which
** asks the raw allocator for its arenas vector and for large requests. Those
** are wrapped twice, as CPython does.
**
** Tested by spec/unit/debug_spec.lua.
*/
#ifndef GUARD_BYTES_H
#define GUARD_BYTES_H

#include "base/base.h"

#define GUARD_HEAD_BYTES 16u
#define GUARD_PAD_BYTES 8u

struct guard_layout {
  const char *version;
  unsigned char clean, dead, forbidden;
  bool has_serial;
  bool erases; /* a block's ends are dead while it is resized */
  size_t extra_bytes;
};

/* What a resize by the rule of 3.7 and later keeps aside. */
#define GUARD_ERASED_BYTES 64u
struct guard_saved {
  size_t bytes; /* the block's */
  unsigned char content[2 * GUARD_ERASED_BYTES];
};

/* The layout of a version, or NULL for PYM_DEBUG_OFF. */
const struct guard_layout *guard_layout_of(pym_debug debug);

/* Writes head and tail around a block of 'bytes' at 'data'. */
void guard_bytes_write(const struct guard_layout *layout, unsigned char *data,
                       size_t bytes, char api, uint64_t serial);

/* The size and the id that the head tells, damaged or not. */
size_t guard_bytes_size(const unsigned char *data);
char guard_bytes_api(const unsigned char *data);
uint64_t guard_bytes_serial(const unsigned char *data, size_t bytes);

bool guard_bytes_head_is_whole(const struct guard_layout *layout,
                               const unsigned char *data);
bool guard_bytes_tail_is_whole(const struct guard_layout *layout,
                               const unsigned char *data, size_t bytes);

/* Fills a block with its head and tail. */
void guard_bytes_fill_dead(const struct guard_layout *layout,
                           unsigned char *data, size_t bytes);

/* The first byte of a killed block that is not dead; NULL: all are. */
const unsigned char *
guard_bytes_first_not_dead(const struct guard_layout *layout,
                           const unsigned char *data, size_t bytes);

/* Takes the ends of a block aside, and brings back what fits in 'bytes'. */
void guard_bytes_erase(const struct guard_layout *layout, unsigned char *data,
                       size_t bytes, struct guard_saved *saved);
void guard_bytes_restore(unsigned char *data, size_t bytes,
                         const struct guard_saved *saved);

#endif
