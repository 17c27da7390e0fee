#include "trace/packed_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/leb.h"

static bool damaged(struct packed_reader *reader, const char *problem)
{
  packed_block_blame(&reader->block, problem);
  return false;
}

static bool get(struct packed_reader *reader, enum packed_column column,
                uint64_t *number)
{
  struct packed_bytes *bytes = &reader->block.columns[column];
  if (leb_get(&bytes->at, bytes->end, number))
    return true;
  return damaged(reader, "a column ends too early");
}

static bool get_size(struct packed_reader *reader, uint64_t *bytes)
{
  *bytes = reader->block.operands.sizes[reader->next_size++];
  return *bytes != PACKED_FAR_SIZE || get(reader, PACKED_SIZES_FAR, bytes);
}

static bool is_at_end(const struct packed_reader *reader,
                      enum packed_column column)
{
  const struct packed_bytes *bytes = &reader->block.columns[column];
  return bytes->at == bytes->end;
}

/* Makes an interpreter that begins. */
static bool switch_interpreter(struct packed_reader *reader, uint64_t number)
{
  if (number > TRACE_INTERPRETER_MAX)
    return damaged(reader, "the number of an interpreter is too large");
  if (number >= reader->count) {
    size_t count = (size_t)number + 1;
    struct slots *grown = realloc(reader->all, count * sizeof *grown);
    if (grown == NULL)
      return damaged(reader, "no memory for another interpreter");
    memset(grown + reader->count, 0, (count - reader->count) * sizeof *grown);
    reader->all = grown;
    reader->count = count;
  }
  reader->interpreter = (size_t)number;
  return true;
}

/*
** {==================================================================
** Blocks
** ===================================================================
*/

struct packed_reader *packed_reader_open(void)
{
  struct packed_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL || switch_interpreter(reader, 0))
    return reader;
  free(reader);
  return NULL;
}

void packed_reader_close(struct packed_reader *reader)
{
  if (reader == NULL)
    return;
  for (size_t i = 0; i < reader->count; i++)
    slots_close(&reader->all[i]);
  free(reader->all);
  packed_block_close(&reader->block);
  free(reader);
}

/* Reads how many requests come before the next other operation. */
static bool read_until_other(struct packed_reader *reader)
{
  reader->until_other = PACKED_NEVER;
  return reader->others_left == 0 ||
         get(reader, PACKED_OTHERS, &reader->until_other);
}

/* Reads how many ids are as predicted before the next that is not. */
static bool read_until_surprise(struct packed_reader *reader)
{
  uint64_t number;
  reader->until_surprise = PACKED_NEVER;
  if (is_at_end(reader, PACKED_IDS))
    return true;
  if (!get(reader, PACKED_IDS, &number))
    return false;
  reader->until_surprise = number >> 1;
  reader->is_live = number & 1;
  return true;
}

/* Is nothing left in the columns of the block before? */
static bool block_is_used_up(const struct packed_reader *reader)
{
  for (unsigned i = 0; i < PACKED_COLUMN_COUNT; i++)
    if (!is_at_end(reader, (enum packed_column)i))
      return false;
  return true;
}

enum packed_block_status packed_reader_next_block(struct packed_reader *reader)
{
  assert(!packed_reader_has_more(reader));
  if (!block_is_used_up(reader)) {
    damaged(reader, "a column is too long");
    return PACKED_FAILED;
  }
  enum packed_block_status status = packed_block_next(&reader->block);
  if (status != PACKED_BLOCK)
    return status;
  reader->next = reader->next_size = reader->next_move = 0;
  reader->site = 0;
  reader->others_left = reader->block.others;
  reader->has_sites = !is_at_end(reader, PACKED_SITES);
  return read_until_other(reader) && read_until_surprise(reader)
             ? PACKED_BLOCK
             : PACKED_FAILED;
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

/* An id becomes live. */
static bool begin_id(struct packed_reader *reader, uint64_t id, uint32_t slot)
{
  slots_name(packed_reader_slots(reader), slot, id);
  if (id != 0)
    return true;
  return damaged(reader, "an id is 0");
}

static bool take_slot(struct packed_reader *reader, uint32_t *slot)
{
  if (slots_take(packed_reader_slots(reader), slot))
    return true;
  return damaged(reader, "no memory for the live ids");
}

/* Moves from the slot before by a difference to the slot of a live id. */
static bool move(struct packed_reader *reader, uint64_t difference,
                 uint64_t *id, uint32_t *slot)
{
  struct slots *slots = packed_reader_slots(reader);
  uint64_t moved = slots->last + difference;
  if (!slots_has(slots, moved))
    return damaged(reader, "a block is not live");
  *slot = slots->last = (uint32_t)moved;
  *id = slots->ids[moved];
  return true;
}

/* Reads the id of a malloc or calloc that is not as predicted. */
static bool read_surprise(struct packed_reader *reader, uint64_t *id,
                          uint32_t *slot)
{
  uint64_t number, predicted = packed_reader_slots(reader)->newest + 1;
  bool is_live = reader->is_live;
  if (!get(reader, PACKED_IDS, &number) || !read_until_surprise(reader))
    return false;
  reader->repeats_ids |= is_live;
  if (is_live)
    return move(reader, unzigzag(number), id, slot);
  if (!take_slot(reader, slot))
    return false;
  if (reader->block.by_slot)
    predicted = packed_reader_slots(reader)->ids[*slot];
  *id = predicted + unzigzag(number);
  return begin_id(reader, *id, *slot);
}

/* The id of a malloc or calloc. */
static bool read_new_id(struct packed_reader *reader, uint64_t *id,
                        uint32_t *slot)
{
  if (reader->until_surprise == 0)
    return read_surprise(reader, id, slot);
  reader->until_surprise -= reader->until_surprise != PACKED_NEVER;
  if (!take_slot(reader, slot))
    return false;
  const struct slots *slots = packed_reader_slots(reader);
  *id = reader->block.by_slot ? slots->ids[*slot] : slots->newest + 1;
  return begin_id(reader, *id, *slot);
}

/* The id of a realloc or free, which may not be live. */
static bool read_old_id(struct packed_reader *reader, uint64_t *id,
                        uint32_t *slot)
{
  uint64_t number;
  uint32_t near = reader->block.operands.moves[reader->next_move++];
  if (near != PACKED_FAR_MOVE)
    return move(reader, (uint64_t)(int32_t)near, id, slot);
  if (!get(reader, PACKED_MOVES_FAR, &number))
    return false;
  if (number != 0)
    return move(reader, unzigzag(number - 1), id, slot);
  if (!get(reader, PACKED_STRANGERS, &number))
    return false;
  *id = packed_reader_slots(reader)->newest + unzigzag(number);
  *slot = SLOTS_NONE;
  if (*id != 0)
    return true;
  return damaged(reader, "an id is 0");
}

static bool read_site(struct packed_reader *reader, struct trace_op *op)
{
  uint64_t number;
  if (!reader->has_sites)
    return true;
  if (!get(reader, PACKED_SITES, &number))
    return false;
  uint64_t site = reader->site + unzigzag(number);
  if (site > reader->sites)
    return damaged(reader, "a site is not defined");
  op->site = reader->site = (uint32_t)site;
  return true;
}

static bool read_malloc(struct packed_reader *reader, struct trace_op *op,
                        uint32_t *slot)
{
  op->letter = TRACE_MALLOC;
  return read_new_id(reader, &op->id, slot) && get_size(reader, &op->bytes) &&
         read_site(reader, op);
}

static bool read_calloc(struct packed_reader *reader, struct trace_op *op,
                        uint32_t *slot)
{
  op->letter = TRACE_CALLOC;
  return read_new_id(reader, &op->id, slot) &&
         get(reader, PACKED_COUNTS, &op->count) &&
         get_size(reader, &op->bytes) && read_site(reader, op);
}

static bool read_realloc(struct packed_reader *reader, struct trace_op *op,
                         uint32_t *slot)
{
  op->letter = TRACE_REALLOC;
  if (!read_old_id(reader, &op->id, slot))
    return false;
  if (*slot == SLOTS_NONE) {
    if (!take_slot(reader, slot))
      return false;
    slots_name(packed_reader_slots(reader), *slot, op->id);
  }
  return get_size(reader, &op->bytes) && read_site(reader, op);
}

static bool read_free(struct packed_reader *reader, struct trace_op *op,
                      uint32_t *slot)
{
  op->letter = TRACE_FREE;
  if (!read_old_id(reader, &op->id, slot))
    return false;
  if (*slot != SLOTS_NONE)
    slots_give(packed_reader_slots(reader), *slot);
  return true;
}

bool packed_reader_request(struct packed_reader *reader, struct trace_op *op,
                           uint32_t *slot)
{
  uint32_t number = reader->next++;
  assert(number < reader->block.requests && reader->until_other > 0);
  unsigned letter = reader->block.operands.letters[number];
  reader->until_other -= reader->until_other != PACKED_NEVER;
  op->site = 0;
  /* GCOVR_EXCL_BR_START: two bits are one of the four */
  switch ((enum packed_letter)letter) {
  /* GCOVR_EXCL_BR_STOP */
  case PACKED_MALLOC:
    return read_malloc(reader, op, slot);
  case PACKED_FREE:
    return read_free(reader, op, slot);
  case PACKED_CALLOC:
    return read_calloc(reader, op, slot);
  case PACKED_REALLOC:
    return read_realloc(reader, op, slot);
  }
  return false;
}

/* }================================================================== */

/*
** {==================================================================
** Other operations
** ===================================================================
*/

static bool read_text(struct packed_reader *reader, struct trace_op *op)
{
  struct packed_bytes *bytes = &reader->block.columns[PACKED_OTHERS];
  uint64_t length;
  if (!get(reader, PACKED_OTHERS, &length))
    return false;
  if (length > (size_t)(bytes->end - bytes->at))
    return damaged(reader, "a text is too long");
  op->text = (const char *)bytes->at;
  op->text_bytes = (uint32_t)length;
  bytes->at += length;
  if (trace_text_is_valid(op->text, op->text_bytes))
    return true;
  return damaged(reader, "a text is not valid");
}

static bool read_definition(struct packed_reader *reader, struct trace_op *op)
{
  uint64_t parent;
  if (!get(reader, PACKED_OTHERS, &parent))
    return false;
  /* GCOVR_EXCL_BR_START: the tests do not define 4,294,967,295 sites */
  if (parent > reader->sites || reader->sites == TRACE_SITE_MAX)
    return damaged(reader, "the parent of a site is not defined");
  /* GCOVR_EXCL_BR_STOP */
  op->parent = (uint32_t)parent;
  op->site = ++reader->sites;
  return read_text(reader, op);
}

static bool read_offset(struct packed_reader *reader, struct trace_op *op)
{
  if (!get(reader, PACKED_OTHERS, &op->count))
    return false;
  if (op->count > TRACE_OFFSET_MAX)
    return damaged(reader, "an offset is too large");
  return true;
}

static bool read_operands(struct packed_reader *reader, struct trace_op *op)
{
  switch (op->letter) {
  case TRACE_DUMP:
  case TRACE_REPORT:
  case TRACE_CHECK:
    return true;
  case TRACE_ALLOW:
    return get(reader, PACKED_OTHERS, &op->count);
  case TRACE_OFFSET:
    return read_offset(reader, op);
  case TRACE_INTERPRETER:
    return get(reader, PACKED_OTHERS, &op->count) &&
           switch_interpreter(reader, op->count);
  case TRACE_SITE:
    return read_definition(reader, op);
  case TRACE_MARK:
    return read_text(reader, op);
  case TRACE_MALLOC:
  case TRACE_CALLOC:
  case TRACE_REALLOC:
  case TRACE_FREE:
    break;
  }
  return damaged(reader, "an operation is not known");
}

static bool read_other(struct packed_reader *reader, struct trace_op *op)
{
  struct packed_bytes *bytes = &reader->block.columns[PACKED_OTHERS];
  assert(reader->others_left > 0); /* else 'until_other' is PACKED_NEVER */
  if (bytes->at == bytes->end)
    return damaged(reader, "a column ends too early");
  op->letter = (enum trace_letter) * bytes->at++;
  op->id = 0;
  op->site = 0;
  reader->others_left--;
  return read_operands(reader, op) && read_until_other(reader);
}

bool packed_reader_next(struct packed_reader *reader, struct trace_op *op,
                        uint32_t *slot)
{
  assert(packed_reader_has_more(reader));
  bool is_request =
      reader->next < reader->block.requests && reader->until_other > 0;
  if (!is_request && reader->until_other != 0)
    return damaged(reader, "a request is missing");
  return is_request ? packed_reader_request(reader, op, slot)
                    : read_other(reader, op);
}

/* }================================================================== */
