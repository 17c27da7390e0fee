/*
** The packed form of a trace: the same operations as in its text, in columns,
** so that it is short and quick to read.
**
**   head    PACKED_MAGIC; u32 version; u32 length of the note; the note, which
**           is text that readers may ignore; u32 CRC-32 from the version on
**   block   requests and other operations, up to the limits below
**   ...
**   end     a block without requests and other operations
**
** u32 is a number of 32 bits, the lowest byte first; LEB a number of
** base/leb.h; zigzag a difference as in base/leb.h. A block begins with these
** u32:
**
**   CRC-32 of the block behind this number
**   number of the block, from 0       number of requests
**   number of other operations        1: ids are predicted by slot, else 0
**   for each column: its bytes in the block, and its bytes when inflated; if
**   these are equal, it is not deflated
**
** and goes on with the columns, one after another, in the order of
** PACKED_COLUMNS. From earlier blocks, a reader keeps only the slots of the
** live ids, and some numbers.
**
**   letters     2 bits for each request, the first in the lowest bits
**   sizes, sizes_high, sizes_far
**               for each malloc, calloc and realloc: the bytes, of a calloc of
**               one element
**   moves, moves_high, moves_far
**               for each realloc and free: zigzag of the block's slot minus the
**               slot of the request before, if the id is live
**   counts      LEB: elements of each calloc
**   ids         for each malloc and calloc whose id is not as predicted, two
**               LEB. The first is twice the number of predicted ids since the
**               last one that was not, plus 1 if the id is live. The second is
**               zigzag of the id minus the predicted id; or, if the id is live,
**               zigzag of its slot minus the slot of the request before
**   strangers   LEB for each id that is not live: zigzag of it minus the newest id
**   sites       empty if no request of the block has a site; else LEB for each
**               malloc, calloc and realloc: zigzag of its site minus the site
**               before
**   others      for each other operation: LEB: requests since the one before;
**               its letter; x i o: LEB: the operand; w: LEB: parent; w m: LEB:
**               length, and the text
**
** To a size or move up to PACKED_NEAR_MAX, 1 is added. The first of its three
** columns has the low byte. If there are higher bytes, the second has two LEB:
** the requests with a size, or with a move, since the last one that had, and the
** higher bytes. Of others the first column has 0, and the third a LEB: the size;
** or the move plus 1, or 0 if the id is not live. So a reader finds nearly all of
** them without a branch on their length, which a processor would often predict
** wrong.
**
** A block of version 1 has the columns of PACKED_COLUMNS_OLD. It is read as one of
** version 2 whose sizes and moves are all in the third column.
**
** A block of the trace gets a slot (trace/slots.h) when its id becomes live.
** The id of a malloc or calloc is predicted in one of two ways: as the id that
** became live last, plus 1; or by slot, as the id that had the slot last, or
** the number of the slot plus 1 if no id had it. Each interpreter has its own
** slots, newest id and last slot. These, and the number of sites, are kept from
** block to block; the site before is 0 at the start of each block.
**
** A writer marks ids that are live already. A file of another writer may give
** one id to two live blocks; readers need not detect that.
**
** Why slots: a reader needs no hash table, because an array has the id of each
** slot. A block is often freed soon after it or its neighbours were made, so
** moves are small. In the two traces of the folder traces/, moves deflate to
** 0.32 and 0.23 bytes a request, differences of ids to 0.50 and 0.57.
**
** Tested by spec/unit/packed_trace_spec.lua and spec/property/
** packed_damage_spec.lua.
*/
#ifndef PACKED_FORMAT_H
#define PACKED_FORMAT_H

#include "trace/trace_op.h"

#define PACKED_MAGIC \
  "\x89"             \
  "ptrace\n"
#define PACKED_MAGIC_BYTES 8u
#define PACKED_VERSION 2u
#define PACKED_VERSION_OLD 1u
#define PACKED_NOTE_MAX 65536u /* bytes */

#define PACKED_REQUESTS_MAX 65536u /* of a block */
#define PACKED_OTHERS_MAX 16384u
#define PACKED_NEAR_MAX ((UINT64_C(1) << 30) - 1)

/* X(NAME, most): the bytes that the column can have at most. */
#define PACKED_COLUMNS(X)                                                \
  X(LETTERS, (requests + 3) / 4)                                         \
  X(SIZES, requests)                                                     \
  X(SIZES_HIGH, requests *LEB_BYTES_MAX * 2)                             \
  X(SIZES_FAR, LEB_BYTES_MAX *requests)                                  \
  X(MOVES, requests)                                                     \
  X(MOVES_HIGH, requests *LEB_BYTES_MAX * 2)                             \
  X(MOVES_FAR, LEB_BYTES_MAX *requests)                                  \
  X(COUNTS, LEB_BYTES_MAX *requests)                                     \
  X(IDS, requests *LEB_BYTES_MAX * 2)                                    \
  X(STRANGERS, LEB_BYTES_MAX *requests)                                  \
  X(SITES, LEB_BYTES_MAX *requests)                                      \
  X(OTHERS, others *(LEB_BYTES_MAX + LEB_BYTES_MAX + LEB_BYTES_MAX + 1 + \
                     TRACE_TEXT_MAX))

enum packed_column {
#define X(name, most) PACKED_##name,
  PACKED_COLUMNS(X)
#undef X
      PACKED_COLUMN_COUNT
};

#define PACKED_COLUMNS_OLD                                             \
  {                                                                    \
    PACKED_LETTERS, PACKED_SIZES_FAR, PACKED_MOVES_FAR, PACKED_COUNTS, \
        PACKED_IDS, PACKED_STRANGERS, PACKED_SITES, PACKED_OTHERS      \
  }
#define PACKED_COLUMN_COUNT_OLD 8u

/* Letters of requests, as the column has them. */
enum packed_letter {
  PACKED_MALLOC,
  PACKED_FREE,
  PACKED_CALLOC,
  PACKED_REALLOC
};

/* Places of u32 in the head of a block. */
enum {
  PACKED_AT_CHECKSUM,
  PACKED_AT_NUMBER,
  PACKED_AT_REQUESTS,
  PACKED_AT_OTHERS,
  PACKED_AT_BY_SLOT,
  PACKED_AT_COLUMNS /* two for each column */
};

#define PACKED_HEAD_BYTES(columns) \
  ((size_t)4 * (PACKED_AT_COLUMNS + 2u * (columns)))
#define PACKED_BLOCK_HEAD_BYTES PACKED_HEAD_BYTES(PACKED_COLUMN_COUNT)

static inline uint32_t packed_get_u32(const uint8_t *at)
{
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
         (uint32_t)at[3] << 24;
}

/* The number at a place of the head of a block. */
static inline uint32_t packed_head_get(const uint8_t *head, size_t place)
{
  return packed_get_u32(head + 4 * place);
}

static inline void packed_put_u32(uint8_t *at, uint32_t number)
{
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t)(number >> 8 * i);
}

#endif
