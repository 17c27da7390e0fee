/*
** Counts the calls that a heap would make to the system for the arenas of a
** group. The region of csrc/memory is used as it is, above functions that only
** count: its addresses are numbers.
*/
#include "lab/arena_parts.h"

/* Slots above these make no calls. */
#define SLOTS_MAX ((size_t)1 << 20)
#define BYTES_MAX ((size_t)1 << (SIZE_MAX > UINT32_MAX ? 62 : 31))

#define BASE ((uintptr_t)1 << (SIZE_MAX > UINT32_MAX ? 46 : 30))

static void count(void *context)
{
  uint64_t *calls = context;
  ++*calls;
}

static void *count_reserve(void *context, size_t bytes, size_t alignment)
{
  (void)bytes;
  (void)alignment;
  count(context);
  return (void *)BASE;
}

static bool count_commit(void *context, void *address, size_t bytes)
{
  (void)address;
  (void)bytes;
  count(context);
  return true;
}

static void count_decommit(void *context, void *address, size_t bytes)
{
  (void)address;
  (void)bytes;
  count(context);
}

static void count_large(void *context, void *address, size_t bytes, bool begins)
{
  (void)address;
  (void)bytes;
  (void)begins;
  count(context);
}

static void release_nothing(void *context, void *address, size_t bytes)
{
  (void)context;
  (void)address;
  (void)bytes;
}

bool arena_open_region(struct simulator *sim, struct lab_group *group)
{
  pym_options options = pym_options_default();
  const pym_geometry geometry = {.arena_bytes = sim->design->arena_bytes};
  /* GCOVR_EXCL_BR_START: on 64 bits no arena of a design reaches the limit; the
     system of the tests has large pages */
  options.reserve_bytes = BYTES_MAX / SLOTS_MAX < geometry.arena_bytes
                              ? BYTES_MAX
                              : SLOTS_MAX * geometry.arena_bytes;
  options.pages =
      (pym_pages){.context = &sim->counts.system_calls,
                  .page_bytes = options.pages.page_bytes,
                  .reserve = count_reserve,
                  .commit = count_commit,
                  .decommit = count_decommit,
                  .release = release_nothing,
                  .large = options.pages.large == NULL ? NULL : count_large};
  /* GCOVR_EXCL_BR_STOP */
  return region_open(&group->region, &geometry, &options);
}

void arena_count_obtain(struct lab_group *group, size_t slot)
{
  (void)region_obtain(&group->region, slot); /* 0: a slot above */
}

void arena_count_release(struct lab_group *group, size_t slot)
{
  /* GCOVR_EXCL_BR_START: the tests take too long with 2^20 arenas */
  if (slot < group->region.slot_count)
    region_release(&group->region, slot);
  /* GCOVR_EXCL_BR_STOP */
}
