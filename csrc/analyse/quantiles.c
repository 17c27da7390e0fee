#include "analyse/quantiles.h"

#define DIGIT_BITS 11u
#define DIGITS (1u << DIGIT_BITS)

static const unsigned percents[QUANTILE_COUNT] = {
#define X(percent) percent,
    QUANTILES(X)
#undef X
};

/* Copies the numbers, in the order of one digit; equal digits keep theirs. */
static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t count,
                          unsigned shift)
{
  size_t places[DIGITS] = {0};
  for (size_t i = 0; i < count; i++)
    places[(from[i] >> shift) % DIGITS]++;
  size_t place = 0;
  for (size_t digit = 0; digit < DIGITS; digit++) {
    size_t of_digit = places[digit];
    places[digit] = place;
    place += of_digit;
  }
  for (size_t i = 0; i < count; i++)
    to[places[(from[i] >> shift) % DIGITS]++] = from[i];
}

static uint64_t most_of(const uint64_t *numbers, size_t count)
{
  uint64_t most = 0;
  for (size_t i = 0; i < count; i++)
    most = numbers[i] > most ? numbers[i] : most;
  return most;
}

/*
** Radix sort, from the last digit to the first one that a number has. Returns
** the array that has the numbers in order: one of the two.
*/
static const uint64_t *sort(uint64_t *numbers, uint64_t *room, size_t count)
{
  uint64_t most = most_of(numbers, count);
  for (unsigned shift = 0; shift < 64 && most >> shift != 0;
       shift += DIGIT_BITS) {
    sort_by_digit(numbers, room, count, shift);
    uint64_t *sorted = room;
    room = numbers;
    numbers = sorted;
  }
  return numbers;
}

void quantiles_read(uint64_t *numbers, uint64_t *room, size_t count,
                    uint64_t quantiles[QUANTILE_COUNT])
{
  const uint64_t *sorted = sort(numbers, room, count);
  for (size_t i = 0; i < QUANTILE_COUNT; i++) {
    size_t rank = (count * percents[i] + 99) / 100; /* from 1 */
    quantiles[i] = count == 0 ? 0 : sorted[rank - 1];
  }
}
