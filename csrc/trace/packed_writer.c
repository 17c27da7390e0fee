#include "trace/packed_writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/compress.h"
#include "base/idmap.h"
#include "trace/packed_columns.h"
#include "trace/slots.h"

/* The live ids of an interpreter, each with its slot, as 'bytes'. */
struct known {
  bool is_open;
  struct idmap ids;
  struct slots slots;
};

/* The column ids for one way to predict them. */
struct surprises {
  struct packed_column_bytes bytes;
  uint64_t predicted; /* ids since the last that was not */
};

enum { BY_ORDER, BY_SLOT };

struct packed_writer {
  pym_write write;
  void *context;
  bool is_broken; /* 'write' has failed */
  struct packed_columns block;
  struct surprises surprises[2]; /* of which the shorter is written */
  struct known *all;             /* of each interpreter */
  size_t count;
  size_t interpreter;   /* now */
  uint32_t site;        /* of the request before in the block; or 0 */
  bool has_sites;       /* in this block */
  size_t since_high[2]; /* sizes, and moves, since the last of several bytes */
  uint32_t since;       /* requests since the other operation before */
};

/*
** {==================================================================
** Life
** ===================================================================
*/

static void put_number(struct packed_writer *writer, enum packed_column column,
                       uint64_t value)
{
  packed_columns_number(&writer->block.columns[column], value,
                        &writer->block.has_failed);
}

/* Adds a size or move, or if it is too large, 'far' to the third column. */
static void put_operand(struct packed_writer *writer, enum packed_column column,
                        uint64_t value, uint64_t far)
{
  struct packed_column_bytes *low = &writer->block.columns[column];
  bool *has_failed = &writer->block.has_failed;
  size_t *since = &writer->since_high[column == PACKED_MOVES];
  uint64_t number = value <= PACKED_NEAR_MAX ? value + 1 : 0;
  uint8_t byte = (uint8_t)number;
  packed_columns_add(low, &byte, 1, has_failed);
  if (number > UINT8_MAX) {
    packed_columns_number(low + 1, *since, has_failed);
    packed_columns_number(low + 1, number >> 8, has_failed);
    *since = 0;
  } else {
    ++*since;
  }
  if (number == 0)
    packed_columns_number(low + 2, far, has_failed);
}

static void write_bytes(struct packed_writer *writer, const void *bytes,
                        size_t count)
{
  writer->is_broken |= count > 0 && !writer->is_broken &&
                       !writer->write(writer->context, bytes, count);
}

static void write_head(struct packed_writer *writer, const char *note,
                       size_t note_bytes)
{
  uint8_t head[8], sum[4];
  packed_put_u32(head, PACKED_VERSION);
  packed_put_u32(head + 4, (uint32_t)note_bytes);
  uint32_t checksum = compress_checksum(0, head, sizeof head);
  packed_put_u32(sum, compress_checksum(checksum, note, note_bytes));
  write_bytes(writer, PACKED_MAGIC, PACKED_MAGIC_BYTES);
  write_bytes(writer, head, sizeof head);
  write_bytes(writer, note, note_bytes);
  write_bytes(writer, sum, sizeof sum);
}

/* The next requests are of this interpreter, which is made if it is new. */
static bool switch_interpreter(struct packed_writer *writer, size_t number_of)
{
  assert(number_of <= TRACE_INTERPRETER_MAX);
  if (number_of >= writer->count) {
    size_t count = number_of + 1;
    struct known *grown = realloc(writer->all, count * sizeof *grown);
    if (grown == NULL)
      return false;
    memset(grown + writer->count, 0, (count - writer->count) * sizeof *grown);
    writer->all = grown;
    writer->count = count;
  }
  struct known *known = &writer->all[number_of];
  writer->interpreter = number_of;
  known->is_open = known->is_open || idmap_open(&known->ids);
  return known->is_open;
}

struct packed_writer *packed_writer_open(pym_write write, void *context,
                                         const char *note, size_t note_bytes)
{
  struct packed_writer *writer = calloc(1, sizeof *writer);
  if (writer == NULL || !switch_interpreter(writer, 0)) {
    packed_writer_close(writer);
    return NULL;
  }
  writer->write = write;
  writer->context = context;
  write_head(writer, note,
             note_bytes < PACKED_NOTE_MAX ? note_bytes : PACKED_NOTE_MAX);
  return writer;
}

/* Adds the shorter of the two columns of ids to the block. */
static void choose_ids(struct packed_writer *writer)
{
  struct surprises *surprises = writer->surprises;
  writer->block.by_slot =
      surprises[BY_SLOT].bytes.count < surprises[BY_ORDER].bytes.count;
  const struct packed_column_bytes *chosen =
      &surprises[writer->block.by_slot].bytes;
  if (chosen->count > 0)
    packed_columns_add(&writer->block.columns[PACKED_IDS], chosen->bytes,
                       chosen->count, &writer->block.has_failed);
  for (int i = BY_ORDER; i <= BY_SLOT; i++) {
    surprises[i].bytes.count = 0;
    surprises[i].predicted = 0;
  }
}

/* Writes the block. */
static void flush(struct packed_writer *writer)
{
  choose_ids(writer);
  if (!writer->has_sites)
    writer->block.columns[PACKED_SITES].count = 0;
  writer->has_sites = false;
  writer->site = writer->since = 0;
  writer->since_high[0] = writer->since_high[1] = 0;
  if (packed_columns_finish(&writer->block))
    write_bytes(writer, writer->block.file.bytes, writer->block.file.count);
  else
    writer->block.has_failed = true;
}

bool packed_writer_end(struct packed_writer *writer)
{
  if (writer->block.requests > 0 || writer->block.others > 0)
    flush(writer);
  flush(writer);
  return !writer->is_broken && !writer->block.has_failed;
}

bool packed_writer_is_broken(const struct packed_writer *writer)
{
  return writer->is_broken;
}

void packed_writer_close(struct packed_writer *writer)
{
  if (writer == NULL)
    return;
  for (size_t i = 0; i < writer->count; i++) {
    idmap_close(&writer->all[i].ids);
    slots_close(&writer->all[i].slots);
  }
  free(writer->all);
  free(writer->surprises[BY_ORDER].bytes.bytes);
  free(writer->surprises[BY_SLOT].bytes.bytes);
  packed_columns_close(&writer->block);
  free(writer);
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

static void put_letter(struct packed_writer *writer, enum packed_letter letter)
{
  struct packed_columns *block = &writer->block;
  struct packed_column_bytes *letters = &block->columns[PACKED_LETTERS];
  unsigned place = block->requests++ % 4;
  uint8_t bits = (uint8_t)(letter << 2 * place);
  assert(!block->has_failed); /* the first column that a request adds to */
  if (place == 0)
    packed_columns_add(letters, &bits, 1, &block->has_failed);
  else
    letters->bytes[letters->count - 1] |= bits;
}

static void put_surprise(struct packed_writer *writer,
                         struct surprises *surprises, bool is_live,
                         uint64_t difference)
{
  bool *has_failed = &writer->block.has_failed;
  packed_columns_number(&surprises->bytes, 2 * surprises->predicted + is_live,
                        has_failed);
  packed_columns_number(&surprises->bytes, zigzag(difference), has_failed);
  surprises->predicted = 0;
}

static void put_id(struct packed_writer *writer, struct surprises *surprises,
                   uint64_t id, uint64_t predicted)
{
  if (id == predicted)
    surprises->predicted++;
  else
    put_surprise(writer, surprises, false, id - predicted);
}

/* Gives an id that becomes live a slot. */
static void begin_id(struct packed_writer *writer, struct known *known,
                     uint64_t id, uint32_t slot)
{
  slots_name(&known->slots, slot, id);
  writer->block.has_failed |= !idmap_add(&known->ids, id, NULL, slot);
}

/* Notes the id of a malloc or calloc. */
static void put_new(struct packed_writer *writer, struct known *known,
                    uint64_t id)
{
  struct slots *slots = &known->slots;
  const struct idmap_entry *entry = idmap_find(&known->ids, id);
  uint32_t slot;
  if (entry != NULL) { /* a trace that cannot be replayed? */
    uint64_t difference = entry->bytes - slots->last;
    slots->last = (uint32_t)entry->bytes;
    put_surprise(writer, &writer->surprises[BY_ORDER], true, difference);
    put_surprise(writer, &writer->surprises[BY_SLOT], true, difference);
    return;
  }
  if (!slots_take(slots, &slot)) {
    writer->block.has_failed = true;
    return;
  }
  put_id(writer, &writer->surprises[BY_ORDER], id, slots->newest + 1);
  put_id(writer, &writer->surprises[BY_SLOT], id, slots->ids[slot]);
  begin_id(writer, known, id, slot);
}

/* Notes the id of a realloc or free. */
static void put_old(struct packed_writer *writer, struct known *known,
                    const struct trace_op *op)
{
  struct slots *slots = &known->slots;
  struct idmap_entry *entry = idmap_find(&known->ids, op->id);
  uint32_t slot;
  if (entry != NULL) {
    slot = (uint32_t)entry->bytes;
    uint64_t move = zigzag((uint64_t)slot - slots->last);
    put_operand(writer, PACKED_MOVES, move, 1 + move);
    slots->last = slot;
    if (op->letter == TRACE_FREE) {
      idmap_remove(&known->ids, entry);
      slots_give(slots, slot);
    }
    return;
  }
  put_operand(writer, PACKED_MOVES, UINT64_MAX, 0);
  put_number(writer, PACKED_STRANGERS, zigzag(op->id - slots->newest));
  if (op->letter == TRACE_REALLOC && slots_take(slots, &slot))
    begin_id(writer, known, op->id, slot);
  else
    writer->block.has_failed |= op->letter == TRACE_REALLOC;
}

static void put_site(struct packed_writer *writer, uint32_t site)
{
  put_number(writer, PACKED_SITES, zigzag((uint64_t)site - writer->site));
  writer->has_sites |= site != 0;
  writer->site = site;
}

static void put_request(struct packed_writer *writer, const struct trace_op *op)
{
  struct known *known = &writer->all[writer->interpreter];
  bool is_new = op->letter == TRACE_MALLOC || op->letter == TRACE_CALLOC;
  put_letter(writer, op->letter == TRACE_MALLOC   ? PACKED_MALLOC
                     : op->letter == TRACE_CALLOC ? PACKED_CALLOC
                     : op->letter == TRACE_FREE   ? PACKED_FREE
                                                  : PACKED_REALLOC);
  writer->since++;
  if (is_new)
    put_new(writer, known, op->id);
  else
    put_old(writer, known, op);
  if (op->letter == TRACE_CALLOC)
    put_number(writer, PACKED_COUNTS, op->count);
  if (op->letter == TRACE_FREE)
    return;
  put_operand(writer, PACKED_SIZES, op->bytes, op->bytes);
  put_site(writer, op->site);
}

/* }================================================================== */

static void put_text(struct packed_writer *writer, const struct trace_op *op)
{
  put_number(writer, PACKED_OTHERS, op->text_bytes);
  packed_columns_add(&writer->block.columns[PACKED_OTHERS], op->text,
                     op->text_bytes, &writer->block.has_failed);
}

static void put_other(struct packed_writer *writer, const struct trace_op *op)
{
  uint8_t letter = (uint8_t)op->letter;
  put_number(writer, PACKED_OTHERS, writer->since);
  packed_columns_add(&writer->block.columns[PACKED_OTHERS], &letter, 1,
                     &writer->block.has_failed);
  writer->since = 0;
  writer->block.others++;
  if (op->letter == TRACE_ALLOW || op->letter == TRACE_INTERPRETER ||
      op->letter == TRACE_OFFSET)
    put_number(writer, PACKED_OTHERS, op->count);
  if (op->letter == TRACE_SITE)
    put_number(writer, PACKED_OTHERS, op->parent);
  if (op->letter == TRACE_SITE || op->letter == TRACE_MARK)
    put_text(writer, op);
  if (op->letter == TRACE_INTERPRETER)
    writer->block.has_failed |= !switch_interpreter(writer, (size_t)op->count);
}

bool packed_writer_put(struct packed_writer *writer, const struct trace_op *op)
{
  if (writer->is_broken || writer->block.has_failed)
    return false;
  if (trace_is_request(op->letter))
    put_request(writer, op);
  else
    put_other(writer, op);
  if (writer->block.requests == PACKED_REQUESTS_MAX ||
      writer->block.others == PACKED_OTHERS_MAX)
    flush(writer);
  return !writer->is_broken && !writer->block.has_failed;
}
