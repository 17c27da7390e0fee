/*
** The blocks of one interpreter of a packed trace: each has a slot, a small
** number, as long as its id is live. A new block gets the slot that was given
** back last, or a new one. So a reader finds the slots by the same rule as the
** writer, and the file need not have them.
**
**   spare   | 3 | 7 | 2 | ...       spare[0] is the number of slots so far,
**             ^       ^             which is the next new slot;
**             |       spare_count   the others were given back, the last one on
**             new slot              top: spare[spare_count] is given out next
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef SLOTS_H
#define SLOTS_H

#include "base/base.h"

#define SLOTS_MAX (UINT32_MAX - 1)

struct slot {
  uint64_t id; /* of the block that has or had it; at first its number + 1 */
  bool is_live;
};

struct slots {
  struct slot *items;
  uint32_t *spare; /* 'capacity' + 1 elements */
  uint32_t capacity, spare_count;
  uint32_t last;   /* the slot of the request before */
  uint64_t newest; /* the id that became live last; at first 0 */
};

/* Gives out a slot. false: there is no memory. */
bool slots_take(struct slots *slots, uint32_t *slot);

static inline uint32_t slots_count(const struct slots *slots)
{
  return slots->spare == NULL ? 0 : slots->spare[0];
}

/* Is it the slot of a live block? */
static inline bool slots_has(const struct slots *slots, uint64_t slot)
{
  return slot < slots->capacity && slots->items[slot].is_live;
}

/* Takes back the slot of a live block. */
static inline void slots_give(struct slots *slots, uint32_t slot)
{
  assert(slots_has(slots, slot) && slots->spare_count < slots_count(slots));
  slots->items[slot].is_live = false;
  slots->spare[++slots->spare_count] = slot;
}

void slots_close(struct slots *slots);

#endif
