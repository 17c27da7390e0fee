#include "trace/packed_columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/compress.h"

#define LEAST_DEFLATED 32u /* bytes of a column that is worth deflating */

/* Makes room for this many more bytes. */
static bool make_room(struct packed_column_bytes *column, size_t count)
{
  size_t wanted = column->count + count;
  if (wanted <= column->capacity)
    return true;
  wanted += wanted / 2 + 64;
  uint8_t *grown = realloc(column->bytes, wanted);
  if (grown == NULL)
    return false;
  column->bytes = grown;
  column->capacity = wanted;
  return true;
}

void packed_columns_add(struct packed_column_bytes *column, const void *bytes,
                        size_t count, bool *has_failed)
{
  if (*has_failed || !make_room(column, count)) {
    *has_failed = true;
    return;
  }
  memcpy(column->bytes + column->count, bytes, count);
  column->count += count;
}

/* The largest length at which a column is stored deflated; 0: never. */
static size_t most_deflated(enum packed_column column, size_t plain)
{
  bool is_of_all = column >= PACKED_LETTERS && column <= PACKED_MOVES_HIGH;
  if (plain < LEAST_DEFLATED)
    return 0;
  return is_of_all ? plain / 4 : plain - plain / 8;
}

/* Adds a column to the file. Returns the bytes it has there. */
static size_t add_column(struct packed_columns *block,
                         enum packed_column number)
{
  struct packed_column_bytes *column = &block->columns[number];
  struct packed_column_bytes *file = &block->file;
  if (column->count == 0 || !make_room(file, column->count)) {
    block->has_failed |= column->count > 0;
    return 0;
  }
  uint8_t *to = file->bytes + file->count;
  size_t most = most_deflated(number, column->count);
  size_t packed =
      most == 0 ? 0 : compress_deflate(column->bytes, column->count, to, most);
  if (packed == 0) {
    packed = column->count;
    memcpy(to, column->bytes, packed);
  }
  file->count += packed;
  return packed;
}

static void put(struct packed_columns *block, size_t place, size_t number)
{
  packed_put_u32(block->file.bytes + 4 * place, (uint32_t)number);
}

static void finish_head(struct packed_columns *block)
{
  struct packed_column_bytes *file = &block->file;
  put(block, PACKED_AT_NUMBER, block->number);
  put(block, PACKED_AT_REQUESTS, block->requests);
  put(block, PACKED_AT_OTHERS, block->others);
  put(block, PACKED_AT_BY_SLOT, block->by_slot);
  put(block, PACKED_AT_CHECKSUM,
      compress_checksum(0, file->bytes + 4, file->count - 4));
}

bool packed_columns_finish(struct packed_columns *block)
{
  struct packed_column_bytes *file = &block->file;
  if (block->has_failed || !make_room(file, PACKED_BLOCK_HEAD_BYTES))
    return false;
  file->count = PACKED_BLOCK_HEAD_BYTES;
  for (unsigned i = 0; i < PACKED_COLUMN_COUNT; i++) {
    size_t plain = block->columns[i].count;
    size_t packed = add_column(block, (enum packed_column)i);
    size_t place = PACKED_AT_COLUMNS + (size_t)2 * i;
    put(block, place, packed);
    put(block, place + 1, plain);
    block->columns[i].count = 0;
  }
  if (block->has_failed)
    return false;
  finish_head(block);
  block->number++;
  block->requests = block->others = 0;
  return true;
}

void packed_columns_close(struct packed_columns *block)
{
  for (unsigned i = 0; i < PACKED_COLUMN_COUNT; i++)
    free(block->columns[i].bytes);
  free(block->file.bytes);
}
