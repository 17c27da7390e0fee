/*
** Reads the fields of a line of text. The line ends in '\n', and none of these
** functions reads behind that. Each reads at '*cursor' and moves it behind the
** field. If there is no such field, it returns false, and may set '*hint' to a
** reason.
*/
#ifndef SCANNER_H
#define SCANNER_H

#include "base/base.h"

static inline bool is_digit(char byte)
{
  return byte >= '0' && byte <= '9';
}

static inline const char *skip_blanks(const char *cursor)
{
  while (*cursor == ' ' || *cursor == '\t')
    cursor++;
  return cursor;
}

/* Reads the digits of a number up to 2^64 - 1. */
static inline bool scan_digits(const char **cursor, uint64_t *value,
                               const char **hint)
{
  const char *next = *cursor;
  uint64_t number = 0;
  if (unlikely(!is_digit(*next)))
    return false;
  for (; is_digit(*next); next++) {
    unsigned digit = (unsigned)(*next - '0');
    if (unlikely(__builtin_mul_overflow(number, 10u, &number) ||
                 __builtin_add_overflow(number, digit, &number))) {
      *hint = "a number is at most 18446744073709551615";
      return false;
    }
  }
  *cursor = next;
  *value = number;
  return true;
}

/* Reads blanks and a number up to 2^64 - 1. */
static inline bool scan_number(const char **cursor, uint64_t *value,
                               const char **hint)
{
  const char *digits = skip_blanks(*cursor);
  if (unlikely(digits == *cursor || !scan_digits(&digits, value, hint)))
    return false;
  *cursor = digits;
  return true;
}

/* Reads blanks and a number that is not 0. */
static inline bool scan_id(const char **cursor, uint64_t *id, const char **hint)
{
  if (!scan_number(cursor, id, hint))
    return false;
  if (unlikely(*id == 0))
    *hint = "ids start at 1";
  return *id != 0;
}

/* Reads blanks and a number, or -1, which stands for 2^64 - 1. */
static inline bool scan_limit(const char **cursor, uint64_t *limit,
                              const char **hint)
{
  const char *sign = skip_blanks(*cursor);
  if (sign == *cursor || sign[0] != '-')
    return scan_number(cursor, limit, hint);
  if (sign[1] != '1' || is_digit(sign[2])) {
    *hint = "the least number here is -1";
    return false;
  }
  *limit = UINT64_MAX;
  *cursor = sign + 2;
  return true;
}

/* Reads blanks and the end of the line. It moves the cursor in any case. */
static inline bool scan_end(const char **cursor)
{
  const char *end = skip_blanks(*cursor);
  if (*end == '\r')
    end++;
  *cursor = end + 1;
  return *end == '\n';
}

#endif
