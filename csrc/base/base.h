/*
** Assertions, the limits of a request, alignment and branch hints, for all
** layers.
*/
#ifndef BASE_H
#define BASE_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pymalloc.h"
#include "base/names.h"

/* The largest request. A larger one is refused, as in CPython. */
#define REQUEST_MAX ((size_t)PTRDIFF_MAX)

/*
** The bytes of a pointer in the CPythons whose layouts the heap has: those of 64
** bits, on every machine. A build for 32 bits with PYM_NATURAL_POINTERS has the
** layouts of a CPython of 32 bits instead.
*/
#ifdef PYM_NATURAL_POINTERS
#define POINTER_BYTES ((size_t)4)
static_assert(sizeof(void *) == 4, "a build for 32 bits");
#else
#define POINTER_BYTES ((size_t)8)
#endif

/*
** The same on a machine of 64 bits. It is the limit for requests of traces and
** scripts, which are 64-bit numbers on every machine.
*/
#define REQUEST_MAX_64 ((uint64_t)INT64_MAX)

/*
** A number of bytes or elements as a size. On a machine of 32 bits a number
** that no size can have becomes SIZE_MAX, which every heap refuses.
*/
static inline size_t size_of_number(uint64_t number)
{
  size_t size = (size_t)number;
  /* GCOVR_EXCL_BR_START: on 64 bits a size has every number */
  return size == number ? size : SIZE_MAX;
  /* GCOVR_EXCL_BR_STOP */
}

/*
** The bytes of 'count' elements of 'bytes' bytes each. A product that no size
** can have becomes SIZE_MAX, which every heap refuses.
*/
static inline size_t size_of_product(size_t count, size_t bytes)
{
  size_t total;
  return __builtin_mul_overflow(count, bytes, &total) ? SIZE_MAX : total;
}

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define NOINLINE __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))

static inline bool is_power_of_two(size_t value)
{
  return value != 0 && (value & (value - 1)) == 0;
}

/* The least multiple of 'alignment', a power of two, that is >= 'value'. */
static inline uintptr_t align_up(uintptr_t value, size_t alignment)
{
  assert(is_power_of_two(alignment));
  return (value + (alignment - 1)) & ~(uintptr_t)(alignment - 1);
}

/* The greatest multiple of 'alignment', a power of two, that is <= 'value'. */
static inline uintptr_t align_down(uintptr_t value, size_t alignment)
{
  assert(is_power_of_two(alignment));
  return value & ~(uintptr_t)(alignment - 1);
}

/* The exponent of a power of two. */
static inline unsigned log2_of(size_t power)
{
  assert(is_power_of_two(power));
  return (unsigned)__builtin_ctzll((unsigned long long)power);
}

#endif
