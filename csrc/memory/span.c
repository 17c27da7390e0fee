#include "memory/span.h"

/*
** {==================================================================
** Bits
** ===================================================================
*/

static bool bit_of(const uint64_t *words, size_t index)
{
  assert(index < SPAN_UNITS);
  return (words[index / 64] >> index % 64 & 1) != 0;
}

/* Flips the bits of a run of at most 64 units. */
static ALWAYS_INLINE void flip_run(uint64_t *words, size_t first, size_t units)
{
  uint64_t run = span_low_bits(units);
  size_t shift = first % 64;
  assert(first + units <= SPAN_UNITS);
  words[first / 64] ^= run << shift;
  words[first / 64 + 1] ^= run >> 1 >> (63 - shift);
}

/* The 64 bits from a unit on; those behind the span are 0. */
static uint64_t bits_from(const uint64_t *words, size_t first)
{
  const uint64_t *word = &words[first / 64];
  assert(first < SPAN_UNITS);
  return word[0] >> first % 64 | word[1] << 1 << (63 - first % 64);
}

/* }================================================================== */

/*
** {==================================================================
** Free runs
** ===================================================================
*/

/* The free units from a unit on, at most 64. */
static size_t free_from(const struct span *span, size_t first)
{
  size_t left = SPAN_UNITS - first;
  uint64_t used = bits_from(span->used, first);
  if (used != 0)
    return (size_t)__builtin_ctzll(used);
  return left < 64 ? left : 64;
}

/* The free units just before a unit, at most 64. */
static size_t free_before(const struct span *span, size_t first)
{
  if (first == 0)
    return 0;
  size_t word = (first - 1) / 64, shift = 63 - (first - 1) % 64;
  uint64_t used = span->used[word] << shift;
  if (shift > 0 && word > 0)
    used |= span->used[word - 1] >> (64 - shift);
  if (used != 0)
    return (size_t)__builtin_clzll(used);
  return first < 64 ? first : 64;
}

/* Makes 'longest' at least as large as the free run in which a unit lies. */
static NOINLINE void note_run(struct span *span, size_t unit)
{
  size_t run = free_before(span, unit) + free_from(span, unit);
  if (run > SPAN_BLOCK_UNITS)
    run = SPAN_BLOCK_UNITS;
  if (run > span->longest)
    span->longest = (uint16_t)run;
}

/* Notes a unit that has become free, as others behind it perhaps. */
static ALWAYS_INLINE void note_free(struct span *span, size_t unit)
{
  if (span->low_word > unit / 64)
    span->low_word = (uint8_t)(unit / 64);
  if (span->longest < SPAN_BLOCK_UNITS) /* else it has no bound */
    note_run(span, unit);
}

/*
** The starts of free runs of 'units' in a word: bit i is set if the units i to
** i + units - 1 are free, some of which can be in the next word.
*/
static uint64_t run_starts(const struct span *span, size_t word, size_t units)
{
  uint64_t low = ~span->used[word];
  uint64_t high = word + 1 < SPAN_WORDS ? ~span->used[word + 1] : 0;
  for (size_t have = 1; have < units && low != 0;) { /* runs of 'have' units */
    size_t step = have < units - have ? have : units - have;
    low &= low >> step | high << (64 - step);
    high &= high >> step;
    have += step;
  }
  return low;
}

/* }================================================================== */

/* The first free run of 'units' that begins in a word; SPAN_UNITS: none. */
static size_t find_run(const struct span *span, size_t word, size_t units)
{
  if (span->used[word] == ~(uint64_t)0)
    return SPAN_UNITS;
  size_t first = word * 64 + (size_t)__builtin_ctzll(~span->used[word]);
  if (free_from(span, first) >= units)
    return first;
  uint64_t starts = run_starts(span, word, units);
  return starts != 0 ? word * 64 + (size_t)__builtin_ctzll(starts) : SPAN_UNITS;
}

/* Begins the next search behind the words that have no free unit. */
static void raise_low_word(struct span *span)
{
  while (span->low_word < SPAN_WORDS &&
         span->used[span->low_word] == ~(uint64_t)0)
    span->low_word++;
}

size_t span_take(struct span *span, size_t units)
{
  assert(units > 0 && units <= SPAN_BLOCK_UNITS);
  raise_low_word(span);
  for (size_t word = span->low_word; word < SPAN_WORDS; word++) {
    size_t first = find_run(span, word, units);
    if (first == SPAN_UNITS)
      continue;
    flip_run(span->used, first, units);
    span->units[first] = (uint8_t)units;
    span->used_units += (uint32_t)units;
    return first;
  }
  span->longest = (uint16_t)(units - 1);
  return SPAN_UNITS;
}

void span_give(struct span *span, size_t first)
{
  size_t units = span_block_units(span, first);
  assert(span->used_units >= units);
  flip_run(span->used, first, units);
  span->units[first] = 0;
  span->used_units -= (uint32_t)units;
  note_free(span, first);
}

void span_shrink(struct span *span, size_t first, size_t units)
{
  size_t old = span_block_units(span, first);
  assert(units > 0 && units < old);
  flip_run(span->used, first + units, old - units);
  span->units[first] = (uint8_t)units;
  span->used_units -= (uint32_t)(old - units);
  note_free(span, first + units);
}

size_t span_count_blocks(const struct span *span)
{
  size_t count = 0;
  for (size_t unit = 0; unit < SPAN_UNITS; unit++)
    count += span_has_block(span, unit);
  return count;
}

/* Are the units of a block used, and does no other block begin in it? */
static bool block_is_whole(const struct span *span, size_t first)
{
  size_t past = first + span_block_units(span, first);
  if (past > SPAN_UNITS)
    return false;
  for (size_t i = first; i < past; i++)
    if (!bit_of(span->used, i) || (i > first && span_has_block(span, i)))
      return false;
  return true;
}

bool span_is_whole(const struct span *span)
{
  size_t used = 0; /* units of blocks */
  if (span->used[SPAN_WORDS] != 0)
    return false;
  for (size_t i = 0; i < SPAN_UNITS;) {
    bool begins = span_has_block(span, i);
    if (begins ? !block_is_whole(span, i) : bit_of(span->used, i))
      return false;
    size_t units = begins ? span_block_units(span, i) : 0;
    used += units;
    i += begins ? units : 1;
  }
  /* The last word, which is 0, is the end also if 'low_word' is damaged. */
  for (size_t word = 0; word < span->low_word; word++)
    if (span->used[word] != ~(uint64_t)0)
      return false;
  return used == span->used_units;
}
