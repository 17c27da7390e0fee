/*
** The columns of a block of a packed trace that is being written.
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef PACKED_COLUMNS_H
#define PACKED_COLUMNS_H

#include "base/leb.h"
#include "trace/packed_format.h"

struct packed_column_bytes {
  uint8_t *bytes;
  size_t count, capacity;
};

struct packed_columns {
  uint32_t number, requests, others; /* of the block */
  bool by_slot;
  bool has_failed; /* there is no memory */
  struct packed_column_bytes columns[PACKED_COLUMN_COUNT];
  struct packed_column_bytes file; /* the block as it is in the file */
};

/* Adds bytes to a column. */
void packed_columns_add(struct packed_column_bytes *column, const void *bytes,
                        size_t count, bool *has_failed);

static inline void packed_columns_number(struct packed_column_bytes *column,
                                         uint64_t number, bool *has_failed)
{
  uint8_t bytes[LEB_BYTES_MAX];
  const uint8_t *end = leb_put(bytes, number);
  packed_columns_add(column, bytes, (size_t)(end - bytes), has_failed);
}

/*
** Makes 'file' the block, and empties the columns. false: there is no memory.
*/
bool packed_columns_finish(struct packed_columns *block);

void packed_columns_close(struct packed_columns *block);

#endif
