#include "trace/packed_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compress.h"
#include "base/leb.h"

static bool fail(struct packed_block *block, const char *what)
{
  (void)snprintf(block->why, sizeof block->why, "%s", what);
  return false;
}

static bool fail_in_block(struct packed_block *block, uint32_t number,
                          const char *problem)
{
  (void)snprintf(block->why, sizeof block->why,
                 "block %u, before byte %llu of the packed trace: %s", number,
                 (unsigned long long)block->offset, problem);
  return false;
}

void packed_block_blame(struct packed_block *block, const char *problem)
{
  (void)fail_in_block(block, block->number - 1, problem);
}

static bool fail_to_read(struct packed_block *block)
{
  (void)snprintf(block->why, sizeof block->why, "the file %s",
                 block->lines->file.why);
  return false;
}

/* Reads exactly this many bytes. false: they are not there, or cannot be read. */
static bool take(struct packed_block *block, void *to, size_t bytes)
{
  ptrdiff_t got = line_reader_take(block->lines, to, bytes);
  if (got < 0)
    return fail_to_read(block);
  block->offset += (size_t)got;
  if ((size_t)got == bytes)
    return true;
  return fail_in_block(block, block->number, "the file is cut off");
}

/* Makes room for this many bytes. */
static bool make_room(struct packed_block *block, uint8_t **bytes,
                      size_t *capacity, size_t wanted)
{
  if (wanted <= *capacity && *bytes != NULL)
    return true;
  free(*bytes);
  *bytes = malloc(wanted + PACKED_LANES);
  *capacity = *bytes == NULL ? 0 : wanted;
  if (*bytes != NULL)
    return true;
  return fail_in_block(block, block->number, "no memory");
}

/*
** {==================================================================
** The head
** ===================================================================
*/

static bool check_version(struct packed_block *block, uint32_t version)
{
  block->is_old = version == PACKED_VERSION_OLD;
  if (version == PACKED_VERSION || block->is_old)
    return true;
  (void)snprintf(block->why, sizeof block->why,
                 "it has version %u of the packed format; only versions %u and "
                 "%u can be read",
                 version, PACKED_VERSION_OLD, PACKED_VERSION);
  return false;
}

bool packed_block_begin(struct packed_block *block, struct line_reader *lines)
{
  uint8_t head[8], sum[4];
  *block = (struct packed_block){.lines = lines, .offset = PACKED_MAGIC_BYTES};
  if (!take(block, head, sizeof head) ||
      !check_version(block, packed_get_u32(head)))
    return false;
  uint32_t note_bytes = packed_get_u32(head + 4);
  if (note_bytes > PACKED_NOTE_MAX)
    return fail(block, "the packed trace is damaged: its note is too long");
  if (!take(block, block->note, note_bytes) || !take(block, sum, sizeof sum))
    return false;
  uint32_t checksum = compress_checksum(0, head, sizeof head);
  checksum = compress_checksum(checksum, block->note, note_bytes);
  if (checksum == packed_get_u32(sum))
    return true;
  return fail(block, "the head of the packed trace is damaged: its checksum is "
                     "wrong");
}

/* }================================================================== */

/*
** {==================================================================
** Blocks
** ===================================================================
*/

struct lengths {
  uint32_t packed, plain;
};

static uint64_t most_of(enum packed_column column, uint64_t requests,
                        uint64_t others)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each column */
  switch (column) {
    /* GCOVR_EXCL_BR_STOP */
#define X(name, most) \
  case PACKED_##name: \
    return most;
    PACKED_COLUMNS(X)
#undef X
  case PACKED_COLUMN_COUNT:
    break;
  }
  return 0;
}

/* The columns of a block in the file. */
static unsigned column_count(const struct packed_block *block)
{
  return block->is_old ? PACKED_COLUMN_COUNT_OLD : PACKED_COLUMN_COUNT;
}

static enum packed_column column_of(const struct packed_block *block,
                                    unsigned place)
{
  static const enum packed_column old[PACKED_COLUMN_COUNT_OLD] =
      PACKED_COLUMNS_OLD;
  return block->is_old ? old[place] : (enum packed_column)place;
}

/* Reads the lengths of the columns. NULL: they are possible; or the problem. */
static const char *read_lengths(const struct packed_block *block,
                                const uint8_t *head,
                                struct lengths lengths[PACKED_COLUMN_COUNT])
{
  for (unsigned i = 0; i < column_count(block); i++) {
    size_t place = PACKED_AT_COLUMNS + (size_t)2 * i;
    enum packed_column column = column_of(block, i);
    struct lengths *both = &lengths[column];
    *both = (struct lengths){packed_head_get(head, place),
                             packed_head_get(head, place + 1)};
    if (both->packed > both->plain ||
        both->plain > most_of(column, block->requests, block->others))
      return "a length is wrong";
    /* GCOVR_EXCL_BR_START: this build has zlib; a spec builds one without */
    if (both->packed < both->plain && !compress_is_there())
      return "it is deflated, and this library was built without zlib";
    /* GCOVR_EXCL_BR_STOP */
  }
  return lengths[PACKED_LETTERS].plain == (block->requests + 3) / 4
             ? NULL
             : "a length is wrong";
}

static const char *read_head(struct packed_block *block, const uint8_t *head)
{
  uint32_t by_slot = packed_head_get(head, PACKED_AT_BY_SLOT);
  block->requests = packed_head_get(head, PACKED_AT_REQUESTS);
  block->others = packed_head_get(head, PACKED_AT_OTHERS);
  block->by_slot = by_slot != 0;
  if (packed_head_get(head, PACKED_AT_NUMBER) != block->number)
    return "its number is wrong";
  return block->requests > PACKED_REQUESTS_MAX ||
                 block->others > PACKED_OTHERS_MAX || by_slot > 1
             ? "a number in its head is wrong"
             : NULL;
}

/* Takes the letters, sizes and moves off their columns. */
static bool open_operands(struct packed_block *block)
{
  if (!packed_operands_reserve(&block->operands, block->requests))
    return fail_in_block(block, block->number, "no memory");
  if (!packed_operands_set(&block->operands, block->columns, block->requests,
                           block->is_old))
    return fail_in_block(block, block->number, "a length is wrong");
  for (unsigned i = 0; i < PACKED_COLUMN_COUNT; i++)
    if (i == PACKED_LETTERS || i == PACKED_SIZES || i == PACKED_SIZES_HIGH ||
        i == PACKED_MOVES || i == PACKED_MOVES_HIGH)
      block->columns[i].at = block->columns[i].end;
  return true;
}

/* Sets the columns to the body, and inflates those that are deflated. */
static bool open_columns(struct packed_block *block,
                         const struct lengths lengths[PACKED_COLUMN_COUNT])
{
  const uint8_t *from = block->body;
  uint8_t *to = block->plain;
  for (unsigned i = 0; i < PACKED_COLUMN_COUNT; i++) {
    struct lengths both = lengths[i];
    const uint8_t *column = from;
    if (both.packed < both.plain) {
      if (!compress_inflate(from, both.packed, to, both.plain))
        return fail_in_block(block, block->number,
                             "a column cannot be "
                             "inflated");
      column = to;
      to += both.plain;
    }
    block->columns[i] = (struct packed_bytes){column, column + both.plain};
    from += both.packed;
  }
  return open_operands(block);
}

static bool read_body(struct packed_block *block, const uint8_t *head,
                      const struct lengths lengths[PACKED_COLUMN_COUNT])
{
  size_t packed = 0, plain = 0;
  for (unsigned i = 0; i < PACKED_COLUMN_COUNT; i++) {
    packed += lengths[i].packed;
    plain += lengths[i].packed < lengths[i].plain ? lengths[i].plain : 0;
  }
  if (!make_room(block, &block->body, &block->body_capacity, packed) ||
      !make_room(block, &block->plain, &block->plain_capacity, plain) ||
      !take(block, block->body, packed))
    return false;
  uint32_t sum = compress_checksum(0, head + 4,
                                   PACKED_HEAD_BYTES(column_count(block)) - 4);
  sum = compress_checksum(sum, block->body, packed);
  if (sum != packed_get_u32(head))
    return fail_in_block(block, block->number, "its checksum is wrong");
  return open_columns(block, lengths);
}

/* Nothing comes after the last block. */
static enum packed_block_status check_end(struct packed_block *block)
{
  uint8_t byte;
  ptrdiff_t got = line_reader_take(block->lines, &byte, 1);
  if (got == 0)
    return PACKED_END;
  if (got < 0)
    fail_to_read(block);
  else
    fail_in_block(block, block->number, "more bytes come after the end");
  return PACKED_FAILED;
}

enum packed_block_status packed_block_next(struct packed_block *block)
{
  uint8_t head[PACKED_BLOCK_HEAD_BYTES];
  struct lengths lengths[PACKED_COLUMN_COUNT] = {{0, 0}};
  if (!take(block, head, PACKED_HEAD_BYTES(column_count(block))))
    return PACKED_FAILED;
  const char *problem = read_head(block, head);
  if (problem == NULL)
    problem = read_lengths(block, head, lengths);
  if (problem != NULL) {
    fail_in_block(block, block->number, problem);
    return PACKED_FAILED;
  }
  if (!read_body(block, head, lengths))
    return PACKED_FAILED;
  if (block->requests == 0 && block->others == 0)
    return check_end(block);
  block->number++;
  return PACKED_BLOCK;
}

void packed_block_close(struct packed_block *block)
{
  free(block->body);
  free(block->plain);
  packed_operands_close(&block->operands);
  block->body = block->plain = NULL;
}

/* }================================================================== */
