/*
** Writes a number as decimal digits, two at a time, to be fast: a line of
** placements has up to five numbers, and a trace can have millions of lines.
*/
#ifndef DIGITS_H
#define DIGITS_H

#include <string.h>

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
  static const char pairs[] =
      "00010203040506070809101112131415161718192021222324"
      "25262728293031323334353637383940414243444546474849"
      "50515253545556575859606162636465666768697071727374"
      "75767778798081828384858687888990919293949596979899";
  char *end = at + digit_count(number);
  char *digit = end;
  for (; number >= 100; number /= 100) {
    digit -= 2;
    memcpy(digit, pairs + number % 100 * 2, 2);
  }
  if (number >= 10)
    memcpy(at, pairs + number * 2, 2);
  else
    *at = (char)('0' + number);
  return end;
}

#endif
