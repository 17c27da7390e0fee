/*
** A region is the range of addresses that one heap reserves for its arenas.
** Slot i of the arenas vector always lives at base + i * arena_bytes, so that
** one subtraction and one comparison tell whether a pointer belongs to the
** heap, and the same requests get the same addresses relative to the base.
**
**   base                                                   base + span
**   +--------+--------+--------+--------+-------- - - - --------+
**   | slot 0 | slot 1 | slot 2 | slot 3 |    reserved only      |
**   | in use |retained| in use |decommit|                       |
**   +--------+--------+--------+--------+-------- - - - --------+
**
** The region decides when the pages of a released slot go back to the system.
** The slots released last stay committed (retained): a program that obtains
** and releases one arena again and again would otherwise make two system
** calls each time. Slots are reused last in, first out, so the next arena gets
** the slot released last. If too many slots are retained, the one released
** first is decommitted: its pages go back to the system.
**
** Above the first 32 MiB the region asks for large pages, if the system has
** them: a page fault then costs less for each byte. Rounding up to a large page
** adds at most 2 MiB, which is a small part of a heap of that size.
**
** If arenas are smaller than a page, several slots share a page. It is
** decommitted with the last of them.
**
** Taught in lesson 9; tested by spec/unit/region_spec.lua.
*/
#ifndef REGION_H
#define REGION_H

#include "geometry/geometry.h"

#define REGION_SMALL_BYTES ((size_t)32 << 20) /* below: no large pages */

struct region {
  uintptr_t base;
  size_t slot_count; /* number of slots in the range */
  bool is_short;     /* the system granted fewer than were asked for */
  size_t slot_bytes;
  size_t unit_slots;    /* slots that share pages; 1 if none do */
  uint16_t *unit_users; /* committed slots of each unit; NULL: unit_slots 1 */
  size_t touched_count; /* all slots that were ever in use lie below this */
  uint32_t *retained;   /* ring of released slots, the oldest first */
  size_t retained_capacity, retained_first, retained_count;
  pym_pages pages;
  pym_raw raw;
};

/*
** Reserves the bytes that the options name. If the system refuses, asks for
** half of them, then a quarter, down to one slot; if that is refused too, the
** region has no slot. Returns false if there is no memory for its records.
*/
bool region_open(struct region *region, const pym_geometry *geometry,
                 const pym_options *options);

/* Ends the reservation: no address of the region is valid any more. */
void region_close(struct region *region);

/*
** Makes a slot usable. Returns its address, or 0: no address or no memory. Of the
** retained slots, only the one that was released last may be obtained.
*/
uintptr_t region_obtain(struct region *region, size_t slot);

/* Takes a slot back and retains its pages, or decommits the oldest slot's. */
void region_release(struct region *region, size_t slot);

/*
** Stops retaining slots of 'bytes' or more, or all if there are fewer: their
** pages go back to the system, a shared one with the last slot in it. Returns
** the bytes of these slots.
*/
size_t region_trim(struct region *region, size_t bytes);

/* Bytes of address space in which arenas can lie. */
static inline size_t region_span(const struct region *region)
{
  return region->slot_count * region->slot_bytes;
}

#endif
