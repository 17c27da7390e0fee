/*
** A region: slots are committed, retained and decommitted.
**
** bound: 4 slots of 4096 bytes, of which 2, none, or one in a page of two slots
** bound: are retained; each sequence of 6 calls of region_obtain, region_release
** bound: and region_trim, while any commit may fail
** sources: memory/region.c
** options: -eva-slevel 1000000 -eva-split-return full
**
** The harness keeps for each slot whether it is in use, and for each page
** whether it is committed. It obtains the slot released last, as a heap does.
*/
#include <__fc_builtin.h>
#include <string.h>

#include "memory/region.h"

#define SLOTS 4
#define SLOT_BYTES 4096u
#define BASE ((uintptr_t)0x40000000)
#define STEPS 6

static bool in_use[SLOTS];
static bool committed[SLOTS];
static size_t unit_bytes;
static bool grants; /* does the system grant the next commit? */
static uint32_t ring[SLOTS];
static uint16_t users[SLOTS];

static void *raw_calloc(void *context, size_t count, size_t bytes)
{
  if (bytes == sizeof users[0])
    return users;
  return ring;
}

static void raw_free(void *context, void *block)
{
}

static void *reserve(void *context, size_t bytes, size_t alignment)
{
  return (void *)BASE;
}

static bool commit(void *context, void *address, size_t bytes)
{
  size_t unit = ((uintptr_t)address - BASE) / unit_bytes;
  //@ check commits_what_is_not_committed: !committed[unit];
  if (grants)
    committed[unit] = true;
  return grants;
}

static void decommit(void *context, void *address, size_t bytes)
{
  size_t unit = ((uintptr_t)address - BASE) / unit_bytes;
  //@ check decommits_what_is_committed: committed[unit];
  committed[unit] = false;
}

static void release(void *context, void *address, size_t bytes)
{
}

/* The slots that are not in use; the last is obtained next, as by a heap. */
static size_t unused[SLOTS] = {3, 2, 1, 0};
static size_t unused_count = SLOTS;

static void obtain_one(struct region *region)
{
  if (unused_count == 0)
    return;
  size_t slot = unused[unused_count - 1];
  uintptr_t address = region_obtain(region, slot);
  if (address == 0)
    return;
  unused[--unused_count] = 0;
  in_use[slot] = true;
  //@ check region_place: address == 0x40000000 + slot * 4096;
  bool is_there = committed[slot * SLOT_BYTES / unit_bytes];
  //@ check what_is_obtained_is_committed: is_there;
}

static void release_one(struct region *region, size_t slot)
{
  if (!in_use[slot])
    return;
  in_use[slot] = false;
  unused[unused_count++] = slot;
  region_release(region, slot);
}

static void check(const struct region *region)
{
  bool has_room = region->retained_count <= region->retained_capacity;
  //@ check not_too_many_are_retained: has_room;
  for (size_t i = 0; i < SLOTS; i++) {
    bool is_there = committed[i * SLOT_BYTES / unit_bytes];
    //@ check what_is_in_use_stays_committed: in_use[i] ==> is_there;
  }
}

static void run(size_t page_bytes, size_t retain_bytes)
{
  struct region region;
  pym_geometry geometry = {.arena_bytes = SLOT_BYTES, .pool_bytes = 1024};
  pym_options options = {.reserve_bytes = SLOTS * SLOT_BYTES,
                         .retain_bytes = retain_bytes,
                         .raw = {.calloc = raw_calloc, .free = raw_free},
                         .pages = {.page_bytes = page_bytes,
                                   .reserve = reserve,
                                   .commit = commit,
                                   .decommit = decommit,
                                   .release = release}};
  unit_bytes = page_bytes > SLOT_BYTES ? page_bytes : SLOT_BYTES;
  if (!region_open(&region, &geometry, &options))
    return;
  for (int i = 0; i < STEPS; i++) {
    switch (Frama_C_interval(0, 1)) {
    case 0:
      grants = false;
      break;
    case 1:
      grants = true;
      break;
    }
    switch (Frama_C_interval(0, 5)) {
    case 0:
      obtain_one(&region);
      break;
    case 1:
      release_one(&region, 0);
      break;
    case 2:
      release_one(&region, 1);
      break;
    case 3:
      release_one(&region, 2);
      break;
    case 4:
      release_one(&region, 3);
      break;
    case 5:
      region_trim(&region, SLOT_BYTES);
      break;
    }
    check(&region);
  }
  region_close(&region);
}

int main(void)
{
  switch (Frama_C_interval(0, 2)) {
  case 0:
    run(SLOT_BYTES, 2 * SLOT_BYTES);
    break;
  case 1:
    run(SLOT_BYTES, 0);
    break;
  case 2:
    run(2 * SLOT_BYTES, SLOT_BYTES);
    break;
  }
  return 0;
}
