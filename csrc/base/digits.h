/*
** Writes a number as decimal digits, two at a time, to be fast: a line of
** placements has up to five numbers, and a trace can have millions of lines.
*/
#ifndef DIGITS_H
#define DIGITS_H

#include "base/base.h"

#define NUMBER_BYTES_MAX 20u /* digits of 2^64 - 1 */

static inline unsigned digit_count(uint64_t number)
{
  unsigned count = 1;
  for (; number >= 10000; number /= 10000)
    count += 4;
  return count + (number >= 10) + (number >= 100) + (number >= 1000);
}

/* Writes the digits at 'at'. Returns the address behind them. */
static inline char *put_number(char *at, uint64_t number)
{
  char *end = at + digit_count(number);
  char *digit = end;
  for (; number >= 100; number /= 100) {
    unsigned pair = (unsigned)(number % 100);
    *--digit = (char)('0' + pair % 10);
    *--digit = (char)('0' + pair / 10);
  }
  if (number >= 10)
    *--digit = (char)('0' + number % 10);
  *at = (char)('0' + (number >= 10 ? number / 10 : number));
  return end;
}

#endif
