/*
** Reads the operations of a packed trace, one after another or, for a loaded
** trace, many at once.
**
**   file --> packed_block --> columns --> operation
**                                ^
**                   slots of each interpreter, sites: the state between blocks
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef PACKED_READER_H
#define PACKED_READER_H

#include "trace/packed_block.h"
#include "trace/slots.h"

#define PACKED_NEVER UINT64_MAX

struct packed_reader {
  struct packed_block block;
  uint32_t next;                 /* request of the block that is read next */
  uint32_t next_size, next_move; /* of the block's operands */
  uint32_t others_left;          /* in the block */
  uint64_t until_other;    /* requests before the next other; or PACKED_NEVER */
  uint64_t until_surprise; /* mallocs and callocs with predicted ids before the
                              next of column ids; or PACKED_NEVER */
  bool is_live;            /* that id is live */
  bool repeats_ids;        /* there was a malloc or calloc of a live id */
  bool has_sites;
  uint32_t site;     /* of the request before in the block; or 0 */
  uint32_t sites;    /* defined so far */
  struct slots *all; /* of each interpreter */
  size_t count;
  size_t interpreter; /* now */
};

/*
** Makes a reader. Before its first block, packed_block_begin has to read the
** head of the file. NULL: there is no memory.
*/
struct packed_reader *packed_reader_open(void);

/* Reads the next block, after all operations of the one before. */
enum packed_block_status packed_reader_next_block(struct packed_reader *reader);

/* Are there operations left in the block? */
static inline bool packed_reader_has_more(const struct packed_reader *reader)
{
  return reader->next < reader->block.requests || reader->others_left > 0;
}

/*
** Reads the next operation of the block, except its number. Its text is in the
** block. 'slot' is that of a request whose id is live, or SLOTS_NONE. false: the
** block is damaged, or there is no memory.
*/
bool packed_reader_next(struct packed_reader *reader, struct trace_op *op,
                        uint32_t *slot);

/* Reads one request, when 'until_other' is not 0. */
bool packed_reader_request(struct packed_reader *reader, struct trace_op *op,
                           uint32_t *slot);

void packed_reader_close(struct packed_reader *reader);

/* The slots of the interpreter whose requests are read. */
static inline struct slots *packed_reader_slots(struct packed_reader *reader)
{
  assert(reader->interpreter < reader->count);
  return &reader->all[reader->interpreter];
}

#endif
