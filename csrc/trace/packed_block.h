/*
** Reads the blocks of a packed trace from a file: checks lengths and checksum,
** and inflates the columns. Its memory is bounded by the limits of a block,
** whatever the file says.
**
** Tested by spec/unit/packed_trace_spec.lua and spec/property/
** packed_damage_spec.lua.
*/
#ifndef PACKED_BLOCK_H
#define PACKED_BLOCK_H

#include "base/line_reader.h"
#include "trace/packed_operands.h"

#define PACKED_WHY_BYTES 256u

struct packed_block {
  bool is_old;     /* the file has PACKED_VERSION_OLD */
  uint32_t number; /* of the block that is read next */
  uint32_t requests, others;
  bool by_slot;
  struct packed_operands operands; /* with them, SIZES and MOVES are read */
  struct packed_bytes columns[PACKED_COLUMN_COUNT];
  struct line_reader *lines; /* the file, behind its first line */
  uint64_t offset;           /* bytes read of the file, with that line */
  uint8_t *body;             /* the columns as they are in the file */
  size_t body_capacity;
  uint8_t *plain; /* those that were inflated */
  size_t plain_capacity;
  char note[PACKED_NOTE_MAX + 1];
  char why[PACKED_WHY_BYTES]; /* after a failure: the place and a sentence */
};

enum packed_block_status {
  PACKED_BLOCK,  /* a block with requests or other operations */
  PACKED_END,    /* the trace has ended */
  PACKED_FAILED, /* 'why' has the reason */
};

/* Reads the rest of the head of the file. false: it has failed. */
bool packed_block_begin(struct packed_block *block, struct line_reader *lines);

/* Reads the next block. */
enum packed_block_status packed_block_next(struct packed_block *block);

/* Writes to 'why' that the block just read is damaged. */
void packed_block_blame(struct packed_block *block, const char *problem);

void packed_block_close(struct packed_block *block);

#endif
