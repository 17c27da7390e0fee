/*
** The text of reports of misuse. What CPython's hooks print is printed in the same
** lines; where more is known, more is said.
*/
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/debug.h"
#include "debug/address_owner.h"

#define SHOWN_BYTES 8u

/* A pym_write that keeps what fits. */
static bool keep(void *context, const char *text, size_t bytes)
{
  struct debug *debug = context;
  size_t room = REPORT_BYTES - 1 - debug->report_bytes;
  size_t kept = bytes < room ? bytes : room;
  memcpy(debug->report + debug->report_bytes, text, kept);
  debug->report_bytes += kept;
  return kept == bytes;
}

void misuse_begin(struct debug *debug, const char *kind, const void *address)
{
  debug->kind = kind;
  debug->address = address;
  debug->report_bytes = 0;
  writer_open(&debug->writer, keep, debug);
}

void misuse_end(struct debug *debug)
{
  (void)writer_close(&debug->writer);
  debug->report[debug->report_bytes] = '\0';
}

/*
** {==================================================================
** CPython's lines
** ===================================================================
*/

/* The pads from 'first' on, one a line: at p-7, at tail+0. */
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
  const int count = GUARD_PAD_BYTES - 1;
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
  writer_format(writer, "    The %u pad bytes at tail=%p are ", GUARD_PAD_BYTES,
                (const void *)(data + bytes));
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

/* The first eight bytes and the last eight. */
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

void misuse_dump(const struct debug *debug, struct writer *writer,
                 const struct block_record *record)
{
  const struct guard_layout *layout = debug->guard_layout;
  const unsigned char *data = (const unsigned char *)record->address;
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
** What else is known
** ===================================================================
*/

/* "arena 0, pool 4096, offset 48", for an address in a carved pool. */
static void tell_place(const struct debug *debug, struct writer *writer,
                       const void *address)
{
  pym_location place;
  if (pym_locate(debug->heap, address, &place))
    writer_format(writer,
                  "    It lies in arena %zu, pool %zu, at offset %zu.\n",
                  place.arena, place.pool, place.offset);
}

static void tell_record(struct writer *writer,
                        const struct block_record *record)
{
  writer_format(
      writer, "    The block of %zu bytes at %p was made by request #%" PRIu64,
      record->bytes, (const void *)record->address, record->made_by);
  if (record->state == BLOCK_RECORD_LIVE)
    writer_string(writer, " and is live.\n");
  else
    writer_format(writer, " and freed by request #%" PRIu64 ".\n",
                  record->freed_by);
}

/* An address that no block starts at. */
static void tell_other(const struct debug *debug, struct writer *writer,
                       const void *address)
{
  char owner[ADDRESS_OWNER_BYTES];
  size_t extra =
      debug->guard_layout != NULL ? debug->guard_layout->extra_bytes : 0;
  size_t head = debug->guard_layout != NULL ? GUARD_HEAD_BYTES : 0;
  const struct block_record *around =
      block_table_around(&debug->blocks, address, head, extra - head);
  if (around != NULL) {
    writer_format(writer, "    %p is %+td bytes from the start of a block.\n",
                  address, (ptrdiff_t)((uintptr_t)address - around->address));
    tell_record(writer, around);
  } else if (heap_owns(debug->heap, address)) {
    writer_format(writer,
                  "    %p lies in the heap's region; no block was ever "
                  "handed out there.\n",
                  address);
  } else {
    address_owner(address, owner);
    writer_format(writer, "    %p is not of this heap: it lies %s.\n", address,
                  owner);
  }
}

void misuse_describe(const struct debug *debug, struct writer *writer,
                     const void *address)
{
  const struct block_record *record = block_table_find(&debug->blocks, address);
  if (record == NULL)
    tell_other(debug, writer, address);
  else if (record->state == BLOCK_RECORD_LIVE && debug->guard_layout != NULL)
    misuse_dump(debug, writer, record);
  if (record != NULL)
    tell_record(writer, record);
  tell_place(debug, writer, address);
}

/* }================================================================== */

/*
** {==================================================================
** Reports of misuse
** ===================================================================
*/

void misuse_pads(struct debug *debug, const struct block_record *record,
                 const char *kind, char api)
{
  char found = guard_bytes_api((const unsigned char *)record->address);
  misuse_begin(debug, kind, (const void *)record->address);
  misuse_describe(debug, &debug->writer, (const void *)record->address);
  writer_format(&debug->writer, "\nFatal Python error: %s", kind);
  if (found != api)
    writer_format(&debug->writer,
                  ": Allocated using API '%c', verified using API '%c'", found,
                  api);
  writer_string(&debug->writer, "\n");
  misuse_end(debug);
}

/* What the request did with a block that is not live, in two words. */
static const char *kind_of(const struct debug *debug, const void *address,
                           const char *request)
{
  const struct block_record *record = block_table_find(&debug->blocks, address);
  bool is_free = strcmp(request, "free") == 0;
  size_t extra =
      debug->guard_layout != NULL ? debug->guard_layout->extra_bytes : 0;
  size_t head = debug->guard_layout != NULL ? GUARD_HEAD_BYTES : 0;
  if (record != NULL)
    return is_free ? "double free" : "realloc of a freed block";
  if (block_table_around(&debug->blocks, address, head, extra - head) != NULL)
    return is_free ? "free of an interior address"
                   : "realloc of an interior address";
  if (heap_owns(debug->heap, address))
    return is_free ? "free of an address never allocated"
                   : "realloc of an address never allocated";
  return is_free ? "free of a foreign address" : "realloc of a foreign address";
}

void misuse_address(struct debug *debug, const void *address,
                    const char *request)
{
  misuse_begin(debug, kind_of(debug, address, request), address);
  writer_format(&debug->writer, "Request #%" PRIu64 ": %s(%p)\n",
                debug->requests, request, address);
  misuse_describe(debug, &debug->writer, address);
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  misuse_end(debug);
}

void misuse_size(struct debug *debug, const struct block_record *record,
                 size_t bytes)
{
  misuse_begin(debug, "free with a wrong size", (const void *)record->address);
  writer_format(&debug->writer,
                "Request #%" PRIu64 ": free of %zu bytes at %p\n",
                debug->requests, bytes, (const void *)record->address);
  tell_record(&debug->writer, record);
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  misuse_end(debug);
}

void misuse_dead(struct debug *debug, const struct block_record *record,
                 const unsigned char *written)
{
  misuse_begin(debug, "write after free", (const void *)record->address);
  writer_format(&debug->writer,
                "Found by request #%" PRIu64 ": 0x%02x at p%+td\n",
                debug->requests, *written,
                (ptrdiff_t)((uintptr_t)written - record->address));
  tell_record(&debug->writer, record);
  tell_place(debug, &debug->writer, (const void *)record->address);
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  misuse_end(debug);
}

void misuse_fault(struct debug *debug, const pym_fault *fault,
                  const void *address)
{
  misuse_begin(debug, "damaged heap", address);
  writer_format(&debug->writer, "Found by request #%" PRIu64 ": [%s]\n    ",
                debug->requests, fault->invariant);
  writer_string(&debug->writer, fault->text);
  writer_string(&debug->writer, "\n");
  if (address != NULL)
    misuse_describe(debug, &debug->writer, address);
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  misuse_end(debug);
}

/* Hands it to the handler; without one, as CPython does. */
static void hand_over(const struct debug *debug, const pym_misuse *misuse)
{
  if (debug->on_misuse != NULL) {
    debug->on_misuse(debug->misuse_context, misuse);
    return;
  }
  (void)fputs(misuse->report, stderr);
  abort();
}

void misuse_deliver(struct debug *debug)
{
  char report[REPORT_BYTES];
  pym_misuse misuse = {
      .kind = debug->kind, .address = debug->address, .report = report};
  if (misuse.kind != NULL)
    memcpy(report, debug->report, debug->report_bytes + 1);
  debug->kind = NULL;
  atomic_flag_clear(&debug->is_busy);
  if (misuse.kind != NULL)
    hand_over(debug, &misuse);
}

void misuse_threads(const struct debug *debug)
{
  static const pym_misuse misuse = {
      .kind = "two threads at once",
      .report = "A request came while another one was under way. A heap "
                "belongs to one thread\nat a time.\n\n"
                "Fatal error: two threads at once\n"};
  hand_over(debug, &misuse);
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
  misuse_describe(debug, &writer, address);
  return writer_close(&writer);
}
