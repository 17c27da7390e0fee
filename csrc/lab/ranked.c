#include "lab/ranked.h"

#include "lab/reserve.h"

static void set(struct ranked *ranked, size_t place, struct ranked_entry entry)
{
  ranked->entries[place] = entry;
  ranked->places[entry.number] = (uint32_t)place;
}

void ranked_rise(struct ranked *ranked, size_t place)
{
  struct ranked_entry entry = ranked->entries[place];
  size_t first = place;
  while (place > 0) {
    size_t parent = (place - 1) / 2;
    if (!ranked_is_before(&entry, &ranked->entries[parent]))
      break;
    set(ranked, place, ranked->entries[parent]);
    place = parent;
  }
  if (place != first)
    set(ranked, place, entry);
}

void ranked_sink(struct ranked *ranked, size_t place)
{
  struct ranked_entry entry = ranked->entries[place];
  size_t first = place;
  for (;;) {
    size_t child = 2 * place + 1;
    if (child >= ranked->count)
      break;
    if (child + 1 < ranked->count)
      child += ranked_is_before(&ranked->entries[child + 1],
                                &ranked->entries[child]);
    if (!ranked_is_before(&ranked->entries[child], &entry))
      break;
    set(ranked, place, ranked->entries[child]);
    place = child;
  }
  if (place != first)
    set(ranked, place, entry);
}

static bool make_place(struct ranked *ranked, uint32_t number)
{
  size_t known = ranked->place_count;
  if (number < known)
    return true;
  if (!reserve(&ranked->places, &ranked->place_count, known, number + 1 - known,
               sizeof ranked->places[0]))
    return false;
  for (size_t i = known; i < ranked->place_count; i++)
    ranked->places[i] = RANKED_NONE;
  return true;
}

bool ranked_put(struct ranked *ranked, uint32_t number, uint64_t rank)
{
  if (!make_place(ranked, number) ||
      !reserve(&ranked->entries, &ranked->capacity, ranked->count, 1,
               sizeof ranked->entries[0]))
    return false;
  size_t place = ranked->places[number];
  if (place != RANKED_NONE) {
    ranked_move(ranked, number, rank);
    return true;
  }
  place = ranked->count++;
  set(ranked, place, (struct ranked_entry){rank, number});
  ranked_rise(ranked, place);
  assert(ranked_is_ordered_at(ranked, ranked->places[number]));
  return true;
}

void ranked_remove(struct ranked *ranked, uint32_t number)
{
  if (!ranked_has(ranked, number))
    return;
  size_t place = ranked->places[number];
  assert(place < ranked->count && ranked->entries[place].number == number);
  ranked->places[number] = RANKED_NONE;
  struct ranked_entry last = ranked->entries[--ranked->count];
  if (place == ranked->count)
    return;
  set(ranked, place, last);
  ranked_rise(ranked, place);
  ranked_sink(ranked, ranked->places[last.number]);
  assert(ranked_is_ordered_at(ranked, ranked->places[last.number]));
}

void ranked_close(struct ranked *ranked)
{
  free(ranked->entries);
  free(ranked->places);
  *ranked = (struct ranked){0};
}
