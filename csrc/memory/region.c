#include "memory/region.h"

static size_t unit_bytes(const struct region *region)
{
  return region->unit_slots * region->slot_bytes;
}

static void *unit_address(const struct region *region, size_t unit)
{
  return (void *)(region->base + unit * unit_bytes(region));
}

/* The large page in which a slot lies; 0 if large pages are not used there. */
static uintptr_t large_page(const struct region *region, size_t slot)
{
  size_t offset = align_down(slot * region->slot_bytes, PYM_LARGE_PAGE_BYTES);
  bool is_inside = offset >= REGION_SMALL_BYTES &&
                   offset + PYM_LARGE_PAGE_BYTES <= region_span(region);
  return is_inside && region->pages.large != NULL ? region->base + offset : 0;
}

/*
** If the slot is the first of a large page and was never in use, tells that the
** page begins. Slots are first used in ascending order, so no slot of the page
** is committed then.
*/
static void begin_large(const struct region *region, size_t slot)
{
  uintptr_t page = large_page(region, slot);
  if (page == region->base + slot * region->slot_bytes &&
      slot >= region->touched_count)
    region->pages.large(region->pages.context, (void *)page,
                        PYM_LARGE_PAGE_BYTES, true);
}

/*
** If no slot above this one was ever in use, tells that the rest of its large
** page is not used any more.
*/
static void end_large(const struct region *region, size_t slot)
{
  uintptr_t page = large_page(region, slot);
  uintptr_t rest = region->base + (slot + 1) * region->slot_bytes;
  if (page != 0 && slot + 1 == region->touched_count &&
      rest < page + PYM_LARGE_PAGE_BYTES)
    region->pages.large(region->pages.context, (void *)rest,
                        page + PYM_LARGE_PAGE_BYTES - rest, false);
}

/* Reserves 'bytes', or the largest half, quarter... that the system grants. */
static void reserve(struct region *region, size_t bytes)
{
  size_t unit = unit_bytes(region);
  size_t alignment = bytes > REGION_SMALL_BYTES && unit < PYM_LARGE_PAGE_BYTES
                         ? PYM_LARGE_PAGE_BYTES
                         : unit;
  region->is_short = bytes >= unit;
  for (size_t units = bytes / unit; units > 0; units /= 2) {
    void *base =
        region->pages.reserve(region->pages.context, units * unit, alignment);
    if (base == NULL)
      continue;
    region->base = (uintptr_t)base;
    assert(region->base % alignment == 0);
    region->slot_count = units * region->unit_slots;
    region->is_short = units < bytes / unit;
    return;
  }
}

/* Allocates the records: users of shared pages, and the ring of slots. */
static bool open_records(struct region *region, size_t retain_bytes)
{
  size_t wanted = retain_bytes / region->slot_bytes;
  assert(is_power_of_two(region->slot_bytes));
  size_t capacity = wanted < region->slot_count ? wanted : region->slot_count;
  void *context = region->raw.context;
  if (region->unit_slots > 1 && region->slot_count > 0) {
    region->unit_users =
        region->raw.calloc(context, region->slot_count / region->unit_slots,
                           sizeof region->unit_users[0]);
    if (region->unit_users == NULL)
      return false;
  }
  if (capacity > 0) {
    region->retained =
        region->raw.calloc(context, capacity, sizeof region->retained[0]);
    if (region->retained == NULL)
      return false;
  }
  region->retained_capacity = capacity;
  return true;
}

bool region_open(struct region *region, const pym_geometry *geometry,
                 const pym_options *options)
{
  size_t page_bytes = options->pages.page_bytes;
  *region = (struct region){.slot_bytes = geometry->arena_bytes,
                            .unit_slots = 1,
                            .pages = options->pages,
                            .raw = options->raw};
  if (page_bytes > region->slot_bytes)
    region->unit_slots = page_bytes / region->slot_bytes;
  reserve(region, options->reserve_bytes);
  if (open_records(region, options->retain_bytes))
    return true;
  region_close(region);
  return false;
}

void region_close(struct region *region)
{
  if (region->slot_count > 0)
    region->pages.release(region->pages.context, (void *)region->base,
                          region_span(region));
  if (region->unit_users != NULL)
    region->raw.free(region->raw.context, region->unit_users);
  if (region->retained != NULL)
    region->raw.free(region->raw.context, region->retained);
  region->slot_count = 0;
  region->unit_users = NULL;
  region->retained = NULL;
}

/* Commits the pages of a slot, unless a slot that shares them has done so. */
static bool commit(struct region *region, size_t slot)
{
  size_t unit = slot / region->unit_slots;
  assert(slot < region->slot_count);
  bool is_first = region->unit_users == NULL || region->unit_users[unit] == 0;
  begin_large(region, slot);
  if (is_first &&
      !region->pages.commit(region->pages.context, unit_address(region, unit),
                            unit_bytes(region)))
    return false;
  if (region->unit_users != NULL)
    region->unit_users[unit]++;
  return true;
}

static void decommit(struct region *region, size_t slot)
{
  size_t unit = slot / region->unit_slots;
  assert(slot < region->touched_count);
  assert(region->unit_users == NULL || region->unit_users[unit] > 0);
  if (region->unit_users != NULL && --region->unit_users[unit] > 0)
    return;
  region->pages.decommit(region->pages.context, unit_address(region, unit),
                         unit_bytes(region));
  end_large(region, slot);
}

static uint32_t *retained_at(const struct region *region, size_t index)
{
  assert(index < region->retained_capacity);
  return &region->retained[(region->retained_first + index) %
                           region->retained_capacity];
}

/* If the slot is the newest retained one, takes it out: it needs no commit. */
static bool reclaim(struct region *region, size_t slot)
{
  /* GCOVR_EXCL_BR_START: the tests obtain no slot but the last retained one */
  if (region->retained_count == 0 ||
      *retained_at(region, region->retained_count - 1) != slot)
    return false;
  /* GCOVR_EXCL_BR_STOP */
  region->retained_count--;
  return true;
}

/* Decommits the oldest retained slot. */
static void drop_oldest(struct region *region)
{
  assert(region->retained_count > 0);
  decommit(region, *retained_at(region, 0));
  region->retained_first =
      (region->retained_first + 1) % region->retained_capacity;
  region->retained_count--;
}

uintptr_t region_obtain(struct region *region, size_t slot)
{
  if (slot >= region->slot_count)
    return 0;
  if (!reclaim(region, slot) && !commit(region, slot))
    return 0;
  if (region->touched_count <= slot)
    region->touched_count = slot + 1;
  assert(region->touched_count <= region->slot_count);
  return region->base + slot * region->slot_bytes;
}

void region_release(struct region *region, size_t slot)
{
  assert(slot < region->touched_count);
  if (region->retained_capacity == 0) {
    decommit(region, slot);
    return;
  }
  if (region->retained_count == region->retained_capacity)
    drop_oldest(region);
  assert(region->retained_count < region->retained_capacity);
  *retained_at(region, region->retained_count) = (uint32_t)slot;
  region->retained_count++;
}

size_t region_trim(struct region *region, size_t bytes)
{
  size_t given = 0;
  for (; given < bytes && region->retained_count > 0; drop_oldest(region))
    given += region->slot_bytes;
  return given;
}
