/*
** The letters, sizes and moves of a block of a packed trace, spread into arrays,
** so that a reader finds those of a request without a branch.
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef PACKED_OPERANDS_H
#define PACKED_OPERANDS_H

#include "trace/packed_format.h"

/* Readers may read so many bytes behind each column. */
#define PACKED_LANES 16u

/* The unread bytes of a column. */
struct packed_bytes {
  const uint8_t *at, *end;
};

/*
** Numbers of the first two columns, less 1. The others are in the third column:
** here they are PACKED_FAR_SIZE or PACKED_FAR_MOVE.
*/
struct packed_operands {
  uint32_t *sizes;  /* of each malloc, calloc and realloc */
  uint32_t *moves;  /* of each realloc and free: a difference, modulo 2^32 */
  uint8_t *letters; /* of each request: an enum packed_letter */
  size_t capacity;  /* in requests */
  bool has_far;     /* a size may be PACKED_FAR_SIZE */
};

#define PACKED_FAR_SIZE UINT32_MAX
#define PACKED_FAR_MOVE (UINT32_C(1) << 31)

/* Makes room for a block. false: there is no memory. */
bool packed_operands_reserve(struct packed_operands *operands, size_t requests);

/*
** Sets the arrays to the columns of a block, and an element behind each of the
** sizes and the moves to 0. In a block of the old version, all numbers are in the
** third column. false: the columns have not the number of each request.
*/
bool packed_operands_set(struct packed_operands *operands,
                         const struct packed_bytes *columns, size_t requests,
                         bool is_old);

void packed_operands_close(struct packed_operands *operands);

#endif
