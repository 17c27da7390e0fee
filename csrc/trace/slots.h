/*
** The blocks of one interpreter of a packed trace: each has a slot, a small
** number, as long as its id is live. A new block gets the slot that was given
** back last; if there is none, the lowest one that no block has had yet. So a
** reader finds the slots by the same rule as the writer, and the file need not
** have them.
**
**   spare   | - | 9 | 8 | 3 | 7 |     spare[spare_count] is given out next;
**             ^       ^       ^       spare[1] to spare[untouched] are those
**             |       |       |       that no block has had yet, the lowest on
**             |       |       spare_count   top; spare[0] is SLOTS_NONE
**             |       untouched
**             SLOTS_NONE
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef SLOTS_H
#define SLOTS_H

#include "base/base.h"

#define SLOTS_MAX ((uint32_t)INT32_MAX)
#define SLOTS_NONE UINT32_MAX /* not the number of a slot */

/* States of slots. */
#define SLOT_LIVE 0u
#define SLOT_SPARE 1u
#define SLOT_UNTOUCHED 2u

struct slots {
  uint64_t *ids; /* of the block that has or had it; at first its number + 1 */
  uint8_t *states;
  uint32_t *spare; /* 'capacity' + 1 elements; NULL: 'capacity' is 0 */
  uint32_t capacity, spare_count, untouched;
  uint32_t last;   /* the slot of the request before */
  uint64_t newest; /* the id that became live last; at first 0 */
  bool has_others; /* a slot had another id than its number plus 1 */
};

/* Gives out a slot. false: there is no memory. */
bool slots_take(struct slots *slots, uint32_t *slot);

/* Gives a slot its id. */
static inline void slots_name(struct slots *slots, uint32_t slot, uint64_t id)
{
  slots->ids[slot] = slots->newest = id;
  slots->has_others |= id != (uint64_t)slot + 1;
  slots->last = slot;
}

/* The number of slots that blocks have or had. */
static inline uint32_t slots_count(const struct slots *slots)
{
  return slots->capacity - slots->untouched;
}

/* Is it the slot of a live block? */
static inline bool slots_has(const struct slots *slots, uint64_t slot)
{
  return slot < slots->capacity && slots->states[slot] == SLOT_LIVE;
}

/* Sets 'untouched', after states were changed. */
static inline void slots_count_untouched(struct slots *slots)
{
  while (slots->untouched > 0 &&
         slots->states[slots->capacity - slots->untouched] != SLOT_UNTOUCHED)
    slots->untouched--;
}

/* Takes back the slot of a live block. */
static inline void slots_give(struct slots *slots, uint32_t slot)
{
  assert(slots_has(slots, slot) && slots->spare_count < slots->capacity);
  slots->states[slot] = SLOT_SPARE;
  slots->spare[++slots->spare_count] = slot;
}

void slots_close(struct slots *slots);

#endif
