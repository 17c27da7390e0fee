/*
** Included before each file of proofs/ and csrc that Frama-C 25 reads. It does
** not read alignments, which change nothing on a machine of 64 bits; the names
** of functions stay without the prefix that base/names.h gives them; and what
** gcc has built in and Frama-C lacks is written in C.
*/
#ifndef FRAMA_H
#define FRAMA_H

#define _Alignas(bytes)
#define NAMES_H
#define __builtin_ctzll frama_ctzll
#define __builtin_mul_overflow(a, b, result) \
  __builtin_umull_overflow(a, b, (unsigned long *)(result))
#define __builtin_add_overflow(a, b, result) \
  __builtin_uaddl_overflow(a, b, (unsigned long *)(result))

static inline int frama_ctzll(unsigned long long value)
{
  int count = 0;
  for (; (value & 1) == 0 && count < 64; value >>= 1)
    count++;
  return count;
}

#endif
