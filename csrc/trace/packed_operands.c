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

#define WORD_BYTES sizeof(uint64_t)
#define WORD_LETTERS (4 * WORD_BYTES)         /* in the column */
#define LOW_BITS UINT64_C(0x5555555555555555) /* of the letters of a word */

/* The letters at a place of the column, the first in the lowest bits. */
static inline uint64_t letters_at(const uint8_t *column, size_t word)
{
  const uint8_t *at = column + word * WORD_BYTES;
  return packed_get_u32(at) | (uint64_t)packed_get_u32(at + 4) << 32;
}

/* Spreads the letters, to a byte each. */
static void spread_letters(const uint8_t *restrict from, size_t count,
                           uint8_t *restrict to)
{
  for (size_t i = 0; i < count; i += 2, to += WORD_BYTES) {
    uint64_t eight = from[i] | (uint64_t)from[i + 1] << 32;
    eight = (eight | eight << 12) & UINT64_C(0x000f000f000f000f);
    eight = (eight | eight << 6) & UINT64_C(0x0303030303030303);
    packed_put_u32(to, (uint32_t)eight);
    packed_put_u32(to + 4, (uint32_t)(eight >> 32));
  }
}

/* Sets the elements to the bytes of a column, less 1. */
static void spread_bytes(const uint8_t *restrict from, size_t count,
                         uint32_t *restrict to)
{
  for (size_t at = 0; at < count; at += PACKED_LANES)
    for (size_t i = 0; i < PACKED_LANES; i++)
      to[at + i] = from[at + i] - 1u;
}

/* Adds the higher bytes. false: the column is damaged. */
static bool add_high(const struct packed_bytes *column, uint32_t *to,
                     size_t count)
{
  const uint8_t *at = column->at;
  uint64_t gap, high;
  for (size_t i = 0; at < column->end; i++) {
    if (!leb_get(&at, column->end, &gap) || !leb_get(&at, column->end, &high) ||
        gap >= count - i || high > (PACKED_NEAR_MAX + 1) >> 8)
      return false;
    i += (size_t)gap;
    to[i] += (uint32_t)high << 8;
  }
  return true;
}

static void unzigzag_all(uint32_t *numbers, size_t count)
{
  for (size_t at = 0; at < count; at += PACKED_LANES)
    for (size_t i = 0; i < PACKED_LANES; i++) {
      uint32_t number = numbers[at + i];
      numbers[at + i] = number >> 1 ^ (0u - (number & 1));
    }
}

/* The number of requests that have a size, and of those that have a move. */
struct operand_counts {
  size_t sizes, moves;
};

static struct operand_counts count_operands(const uint8_t *column,
                                            size_t requests)
{
  size_t moves = 0, frees = 0;
  for (size_t i = 0; i * WORD_LETTERS < requests; i++) {
    uint64_t word = letters_at(column, i);
    size_t left = requests - i * WORD_LETTERS;
    if (left < WORD_LETTERS)
      word &= (UINT64_C(1) << 2 * left) - 1; /* the others are mallocs */
    moves += (size_t)__builtin_popcountll(word & LOW_BITS);
    frees += (size_t)__builtin_popcountll(word & ~(word >> 1) & LOW_BITS);
  }
  return (struct operand_counts){requests - frees, moves};
}

/* Sets all numbers to those of an old block. */
static void set_far(struct packed_operands *operands,
                    struct operand_counts counts)
{
  operands->has_far = true;
  for (size_t i = 0; i < counts.sizes; i++)
    operands->sizes[i] = PACKED_FAR_SIZE;
  for (size_t i = 0; i < counts.moves; i++)
    operands->moves[i] = PACKED_FAR_MOVE;
}

/* Sets numbers to those of two columns. false: damaged. */
static bool join(const struct packed_bytes *columns, uint32_t *to, size_t count)
{
  if ((size_t)(columns[0].end - columns[0].at) != count)
    return false;
  spread_bytes(columns[0].at, count, to);
  return add_high(&columns[1], to, count);
}

/* Is a size PACKED_FAR_SIZE? Then its byte in the column is 0. */
static bool has_far(const struct packed_bytes *column, const uint32_t *sizes)
{
  const uint8_t *at = column->at;
  while (at < column->end &&
         (at = memchr(at, 0, (size_t)(column->end - at))) != NULL)
    if (sizes[at++ - column->at] == PACKED_FAR_SIZE)
      return true;
  return false;
}

static bool set_near(struct packed_operands *operands,
                     const struct packed_bytes *columns,
                     struct operand_counts counts)
{
  if (!join(&columns[PACKED_SIZES], operands->sizes, counts.sizes) ||
      !join(&columns[PACKED_MOVES], operands->moves, counts.moves))
    return false;
  unzigzag_all(operands->moves, counts.moves);
  operands->has_far = has_far(&columns[PACKED_SIZES], operands->sizes);
  return true;
}

bool packed_operands_set(struct packed_operands *operands,
                         const struct packed_bytes *columns, size_t requests,
                         bool is_old)
{
  assert(requests <= operands->capacity);
  spread_letters(columns[PACKED_LETTERS].at, (requests + 3) / 4,
                 operands->letters);
  struct operand_counts counts =
      count_operands(columns[PACKED_LETTERS].at, requests);
  if (is_old)
    set_far(operands, counts);
  else if (!set_near(operands, columns, counts))
    return false;
  operands->sizes[counts.sizes] = operands->moves[counts.moves] = 0;
  return true;
}
