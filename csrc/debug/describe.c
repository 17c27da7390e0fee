#include "debug/describe.h"

#include <inttypes.h>

#include "debug/address_owner.h"
#include "debug/guarded_block.h"

#define SHOWN_BYTES 8u

/*
** {==================================================================
** CPython's lines
** ===================================================================
*/

/* Writes the pad bytes from 'first' on, one a line: at p-7, at tail+0. */
static void list_pads(struct writer *writer, const char *name, int offset,
                      const unsigned char *first, size_t count,
                      unsigned char forbidden)
{
  for (size_t i = 0; i < count; i++)
    writer_format(writer, "        at %s%+d: 0x%02x%s\n", name, offset + (int)i,
                  first[i], first[i] == forbidden ? "" : " *** OUCH");
}

static void dump_head(const struct guard_layout *layout, struct writer *writer,
                      const unsigned char *data)
{
  const int count = (int)GUARD_PAD_BYTES - 1;
  writer_format(writer, "    The %d pad bytes at p-%d are ", count, count);
  if (guard_bytes_head_is_whole(layout, data)) {
    writer_string(writer, "FORBIDDENBYTE, as expected.\n");
    return;
  }
  writer_format(writer, "not all FORBIDDENBYTE (0x%02x):\n", layout->forbidden);
  list_pads(writer, "p", -count, data - count, (size_t)count,
            layout->forbidden);
  writer_string(
      writer,
      "    Because memory is corrupted at the start, the count of bytes "
      "requested\n"
      "       may be bogus, and checking the trailing pad bytes may "
      "segfault.\n");
}

static void dump_tail(const struct guard_layout *layout, struct writer *writer,
                      const unsigned char *data, size_t bytes)
{
  writer_format(writer, "    The %zu pad bytes at tail=%p are ",
                GUARD_PAD_BYTES, (const void *)(data + bytes));
  if (guard_bytes_tail_is_whole(layout, data, bytes)) {
    writer_string(writer, "FORBIDDENBYTE, as expected.\n");
    return;
  }
  writer_format(writer, "not all FORBIDDENBYTE (0x%02x):\n", layout->forbidden);
  list_pads(writer, "tail", 0, data + bytes, GUARD_PAD_BYTES,
            layout->forbidden);
}

static void dump_bytes(struct writer *writer, const unsigned char *first,
                       size_t count)
{
  for (size_t i = 0; i < count; i++)
    writer_format(writer, " %02x", first[i]);
}

/* Writes the first eight bytes and the last eight of a block. */
static void dump_data(struct writer *writer, const unsigned char *data,
                      size_t bytes)
{
  size_t front = bytes < SHOWN_BYTES ? bytes : SHOWN_BYTES;
  size_t rest = bytes - front;
  if (bytes == 0)
    return;
  writer_string(writer, "    Data at p:");
  dump_bytes(writer, data, front);
  if (rest > SHOWN_BYTES) {
    writer_string(writer, " ...");
    rest = SHOWN_BYTES;
  }
  dump_bytes(writer, data + bytes - rest, rest);
  writer_string(writer, "\n");
}

void describe_live(const struct debug *debug, struct writer *writer,
                   const struct block_record *record)
{
  const struct guard_layout *layout = debug->guard_layout;
  const unsigned char *data = block_record_address(record);
  assert(layout != NULL && record->state == BLOCK_RECORD_LIVE);
  writer_format(writer, "Debug memory block at address p=%p: API '%c'\n",
                (const void *)data, guard_bytes_api(data));
  writer_format(writer, "    %zu bytes originally requested\n", record->bytes);
  dump_head(layout, writer, data);
  dump_tail(layout, writer, data, record->bytes);
  if (layout->has_serial)
    writer_format(writer,
                  "    The block was made by call #%" PRIu64
                  " to debug malloc/realloc.\n",
                  guard_bytes_serial(data, record->bytes));
  dump_data(writer, data, record->bytes);
  writer_string(writer, "\n");
}

/* }================================================================== */

/*
** {==================================================================
** Lines that CPython does not print
** ===================================================================
*/

/* Writes "arena 0, pool 4096, offset 48" for an address in a carved pool. */
void describe_place(const struct debug *debug, struct writer *writer,
                    const void *address)
{
  pym_location place;
  if (pym_locate(debug->heap, address, &place))
    writer_format(writer, "    It is in arena %zu, pool %zu, at offset %zu.\n",
                  place.arena, place.pool, place.offset);
}

void describe_record(struct writer *writer, const struct block_record *record)
{
  writer_format(
      writer, "    The block of %zu bytes at %p was made by request #%" PRIu64,
      record->bytes, block_record_address(record), record->made_by);
  if (record->state == BLOCK_RECORD_LIVE)
    writer_string(writer, " and is live.\n");
  else
    writer_format(writer, " and freed by request #%" PRIu64 ".\n",
                  record->freed_by);
}

/* Describes an address at which no block begins. */
static void describe_other(const struct debug *debug, struct writer *writer,
                           const void *address)
{
  char owner[ADDRESS_OWNER_BYTES];
  const struct block_record *around = guarded_around(debug, address);
  if (around != NULL) {
    writer_format(writer, "    %p is %+td bytes from the start of a block.\n",
                  address, (ptrdiff_t)((uintptr_t)address - around->address));
    describe_record(writer, around);
  } else if (heap_owns(debug->heap, address)) {
    writer_format(writer,
                  "    %p is in the heap's region, but no block was "
                  "ever handed out at this address.\n",
                  address);
  } else {
    address_owner(address, owner);
    writer_format(writer, "    %p is not of this heap: it is %s.\n", address,
                  owner);
  }
}

void describe_address(const struct debug *debug, struct writer *writer,
                      const void *address)
{
  const struct block_record *record = block_table_find(&debug->blocks, address);
  if (record == NULL)
    describe_other(debug, writer, address);
  else if (record->state == BLOCK_RECORD_LIVE && debug->guard_layout != NULL)
    describe_live(debug, writer, record);
  if (record != NULL)
    describe_record(writer, record);
  describe_place(debug, writer, address);
}

/* }================================================================== */

bool pym_describe(const pym_heap *heap, const void *address, pym_write write,
                  void *context)
{
  struct writer writer;
  const struct debug *debug = heap->debug;
  if (debug == NULL)
    return true;
  writer_open(&writer, write, context);
  describe_address(debug, &writer, address);
  return writer_close(&writer);
}
