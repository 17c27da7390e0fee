/*
** A histogram whose bins double in width.
**
**   bin   0   1    2     3     4      ...   64
**   from  0   1    2     4     8            2^63
**   to    0   1    3     7    15            2^64 - 1
**
** So the values below 2^k are those of the bins 0 to k.
**
** Tested by spec/unit/analyse_spec.lua.
*/
#ifndef BINS_H
#define BINS_H

#include "base/base.h"

#define BIN_COUNT 65u

struct bins {
  uint64_t count[BIN_COUNT]; /* of the values */
  uint64_t bytes[BIN_COUNT]; /* of the blocks that have the values */
};

static inline unsigned bin_of(uint64_t value)
{
  return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

static inline void bins_add(struct bins *bins, uint64_t value, uint64_t bytes)
{
  unsigned bin = bin_of(value);
  bins->count[bin]++;
  bins->bytes[bin] += bytes;
}

#endif
