#include "trace/packed_operands.h"

#include <stdlib.h>
#include <string.h>

#include "base/leb.h"

bool packed_operands_reserve(struct packed_operands *operands, size_t requests)
{
  size_t room = requests + (size_t)4 * PACKED_LANES;
  if (operands->letters != NULL && requests <= operands->capacity)
    return true;
  packed_operands_close(operands);
  operands->sizes = malloc(room * sizeof operands->sizes[0]);
  operands->moves = malloc(room * sizeof operands->moves[0]);
  operands->letters = malloc(room);
  operands->capacity = requests;
  return operands->sizes != NULL && operands->moves != NULL &&
         operands->letters != NULL;
}

void packed_operands_close(struct packed_operands *operands)
{
  free(operands->sizes);
  free(operands->moves);
  free(operands->letters);
  *operands = (struct packed_operands){0};
}

/* Spreads the letters, to a byte each. */
static void spread_letters(const uint8_t *restrict from, size_t count,
                           uint8_t *restrict to)
{
  for (size_t i = 0; i < count; i++, to += 4) {
    uint32_t four = from[i];
    four = (four | four << 12) & UINT32_C(0x000f000f);
    packed_put_u32(to, (four | four << 6) & UINT32_C(0x03030303));
  }
}

/* Sets the elements to the bytes of a column, less 1. */
static void spread_bytes(const uint8_t *restrict from, size_t count,
                         uint32_t *restrict to)
{
  for (size_t at = 0; at < count; at += PACKED_LANES)
    for (size_t i = at; i < at + PACKED_LANES; i++)
      to[i] = from[i] - 1u;
}

/* Adds the higher bytes. false: the column is damaged. */
static bool add_high(const struct packed_bytes *column, uint32_t *to,
                     size_t count)
{
  const uint8_t *at = column->at;
  uint64_t gap, high;
  for (size_t i = 0; at < column->end; i++) {
    if (!leb_get(&at, column->end, &gap) || !leb_get(&at, column->end, &high) ||
        gap >= count - i || high > PACKED_NEAR_MAX >> 8)
      return false;
    i += (size_t)gap;
    to[i] += (uint32_t)high << 8;
  }
  return true;
}

static void unzigzag_all(uint32_t *numbers, size_t count)
{
  for (size_t at = 0; at < count; at += PACKED_LANES)
    for (size_t i = at; i < at + PACKED_LANES; i++)
      numbers[i] = numbers[i] >> 1 ^ (0u - (numbers[i] & 1));
}

/* The number of requests that have a size, and of those that have a move. */
struct operand_counts {
  size_t sizes, moves;
};

#define WORD_BYTES sizeof(uint64_t)
#define LOW_BITS UINT64_C(0x0101010101010101) /* of the bytes of a word */

/* The letters behind the last request are set to free. */
static struct operand_counts count_operands(uint8_t *letters, size_t requests)
{
  struct operand_counts counts = {0, 0};
  size_t words = (requests + WORD_BYTES - 1) / WORD_BYTES, frees = 0;
  memset(letters + requests, PACKED_FREE, WORD_BYTES);
  for (size_t i = 0; i < words; i++) {
    uint64_t word;
    memcpy(&word, letters + i * sizeof word, sizeof word);
    uint64_t low = word & LOW_BITS, high = word >> 1 & LOW_BITS;
    counts.moves += (size_t)(low * LOW_BITS >> 56);
    frees += (size_t)((low & ~high) * LOW_BITS >> 56);
  }
  counts.sizes = words * WORD_BYTES - frees;
  counts.moves -= words * WORD_BYTES - requests;
  return counts;
}

/* Sets the numbers of requests to those of two columns. false: damaged. */
static bool join(const struct packed_bytes *columns, uint32_t *to, size_t count,
                 bool is_old)
{
  if (is_old)
    memset(to, 0xff, count * sizeof *to);
  else if ((size_t)(columns[0].end - columns[0].at) == count)
    spread_bytes(columns[0].at, count, to);
  else
    return false;
  to[count] = 0;
  return add_high(&columns[1], to, count);
}

bool packed_operands_set(struct packed_operands *operands,
                         const struct packed_bytes *columns, size_t requests,
                         bool is_old)
{
  assert(requests <= operands->capacity);
  spread_letters(columns[PACKED_LETTERS].at, (requests + 3) / 4,
                 operands->letters);
  struct operand_counts counts = count_operands(operands->letters, requests);
  if (!join(&columns[PACKED_SIZES], operands->sizes, counts.sizes, is_old) ||
      !join(&columns[PACKED_MOVES], operands->moves, counts.moves, is_old))
    return false;
  unzigzag_all(operands->moves, counts.moves);
  return true;
}
