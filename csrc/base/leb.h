/*
** Numbers of 1 to 10 bytes, the small ones of one byte: LEB128. Each byte has 7
** bits of the number, the lowest first; the last byte is below 128.
*/
#ifndef LEB_H
#define LEB_H

#include "base/base.h"

#define LEB_BYTES_MAX 10u

/* Writes a number at 'at'. Returns the address behind it. */
static inline uint8_t *leb_put(uint8_t *at, uint64_t number)
{
  for (; number > 127; number >>= 7)
    *at++ = (uint8_t)(number | 128);
  *at++ = (uint8_t)number;
  return at;
}

/*
** Reads a number and moves the cursor past it. false: the bytes up to 'end' do
** not encode a number of at most 64 bits, and the cursor stays.
*/
static inline bool leb_get(const uint8_t **cursor, const uint8_t *end,
                           uint64_t *number)
{
  const uint8_t *at = *cursor;
  uint64_t got = 0;
  for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
    uint64_t bits = *at & 127u;
    if (shift == 63 && bits > 1) /* over 64 bits? */
      return false;
    got |= bits << shift;
    if (*at++ < 128) {
      *cursor = at;
      *number = got;
      return true;
    }
  }
  return false;
}

/*
** Zigzag: maps a signed difference, modulo 2^64, to an unsigned number: 0, -1,
** 1, -2 to 0, 1, 2, 3. So a difference near 0 has a short LEB128.
*/
static inline uint64_t zigzag(uint64_t difference)
{
  return difference << 1 ^ (uint64_t) - (int64_t)(difference >> 63);
}

static inline uint64_t unzigzag(uint64_t number)
{
  return number >> 1 ^ (uint64_t) - (int64_t)(number & 1);
}

#endif
