/*
** A region is the range of addresses that one heap reserves for its arenas.
** Slot i of the arenas vector always lives at base + i * arena_bytes, so that
** "is this pointer ours?" is one subtraction and one comparison, and the same
** requests give the same addresses relative to the base every time.
**
**   base                                                   base + span
**   +--------+--------+--------+--------+-------- - - - --------+
**   | slot 0 | slot 1 | slot 2 | slot 3 |    reserved only      |
**   | in use |retained| in use |  gone  |                       |
**   +--------+--------+--------+--------+-------- - - - --------+
**
** The pages of a released slot go back to the system by the region's own
** rule: the last few released stay committed (retained), because a program
** that sits on an arena's boundary would pay the system at every turn. Slots
** come back last in, first out, so the one wanted next is the newest retained
** one; where too many are retained the oldest goes.
**
** Behind the first 32 MiB slots fill whole large pages, where the system has
** them: they spare a heap of that size most of what its new pages cost, and
** the little that rounding up adds does not show in it.
**
** Where arenas are smaller than a page, several slots share one, and it goes
** back with the last of them.
**
** Taught in lesson 8; tested by spec/unit/region_spec.lua.
*/
#ifndef REGION_H
#define REGION_H

#include "geometry/geometry.h"

#define REGION_SMALL_BYTES ((size_t)32 << 20) /* without large pages */

struct region {
  uintptr_t base;
  size_t slot_count; /* arenas for which there are addresses */
  size_t slot_bytes;
  size_t unit_slots;    /* that share pages: 1, or more where they are tiny */
  uint16_t *unit_users; /* slots committed per unit; NULL when unit_slots 1 */
  size_t touched_count; /* slots that were ever in use: the lowest ones */
  uint32_t *retained;   /* ring of released slots, the oldest first */
  size_t retained_capacity, retained_first, retained_count;
  pym_pages pages;
  pym_raw raw;
};

/*
** Reserves 'bytes', or half of it, or a quarter... down to one slot. If even
** that is refused the region has no slot. false: no memory for its records.
*/
bool region_open(struct region *region, const pym_geometry *geometry,
                 const pym_options *options);

/* Ends the reservation; every address of it is gone. */
void region_close(struct region *region);

/* Makes a slot usable: its address, or 0 if it has none or has no memory. */
uintptr_t region_obtain(struct region *region, size_t slot);

/* Takes a slot back; its pages stay or go by the rule of retaining. */
void region_release(struct region *region, size_t slot);

/*
** Gives at least 'bytes' of retained pages to the system, or all there are;
** returns how many.
*/
size_t region_trim(struct region *region, size_t bytes);

/* Bytes of address space in which arenas can lie. */
static inline size_t region_span(const struct region *region)
{
  return region->slot_count * region->slot_bytes;
}

#endif
