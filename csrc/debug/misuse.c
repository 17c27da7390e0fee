#include "debug/misuse.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/describe.h"
#include "debug/guarded_block.h"

/* A pym_write that keeps the part of the text that fits. */
static bool keep(void *context, const char *text, size_t bytes)
{
  struct debug *debug = context;
  size_t room = REPORT_BYTES - 1 - debug->report_bytes;
  size_t kept = bytes < room ? bytes : room;
  memcpy(debug->report + debug->report_bytes, text, kept);
  debug->report_bytes += kept;
  return kept == bytes;
}

static void begin(struct debug *debug, const char *kind, const void *address)
{
  assert(kind != NULL);
  debug->kind = kind;
  debug->address = address;
  debug->report_bytes = 0;
  writer_open(&debug->writer, keep, debug);
}

static void end(struct debug *debug)
{
  (void)writer_close(&debug->writer);
  assert(debug->report_bytes < REPORT_BYTES);
  debug->report[debug->report_bytes] = '\0';
}

void misuse_pads(struct debug *debug, const struct block_record *record,
                 const char *kind, char api)
{
  char found = guard_bytes_api(block_record_address(record));
  begin(debug, kind, block_record_address(record));
  describe_address(debug, &debug->writer, block_record_address(record));
  writer_format(&debug->writer, "\nFatal Python error: %s", kind);
  if (found != api)
    writer_format(&debug->writer,
                  ": Allocated using API '%c', verified using API '%c'", found,
                  api);
  writer_string(&debug->writer, "\n");
  end(debug);
}

/* The kind of the report for an address that is not a live block. */
static const char *kind_of(const struct debug *debug, const void *address,
                           const char *request)
{
  const struct block_record *record = block_table_find(&debug->blocks, address);
  bool is_free = strcmp(request, "free") == 0;
  if (record != NULL)
    return is_free ? "double free" : "realloc of a freed block";
  if (guarded_around(debug, address) != NULL)
    /* GCOVR_EXCL_BR_START: the wording for realloc; that for free is tested,
       and both are one line */
    return is_free ? "free of an interior address"
                   : "realloc of an interior address";
  /* GCOVR_EXCL_BR_STOP */
  if (heap_owns(debug->heap, address))
    /* GCOVR_EXCL_BR_START: the wording for realloc; that for free is tested,
       and both are one line */
    return is_free ? "free of an address never allocated"
                   : "realloc of an address never allocated";
  return is_free ? "free of a foreign address" : "realloc of a foreign address";
  /* GCOVR_EXCL_BR_STOP */
}

void misuse_address(struct debug *debug, const void *address,
                    const char *request)
{
  begin(debug, kind_of(debug, address, request), address);
  writer_format(&debug->writer, "Request #%" PRIu64 ": %s(%p)\n",
                debug->requests, request, address);
  describe_address(debug, &debug->writer, address);
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  end(debug);
}

void misuse_size(struct debug *debug, const struct block_record *record,
                 size_t bytes)
{
  begin(debug, "free with a wrong size", block_record_address(record));
  writer_format(&debug->writer,
                "Request #%" PRIu64 ": free of %zu bytes at %p\n",
                debug->requests, bytes, block_record_address(record));
  describe_record(&debug->writer, record);
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  end(debug);
}

void misuse_dead(struct debug *debug, const struct block_record *record,
                 const unsigned char *written)
{
  begin(debug, "write after free", block_record_address(record));
  writer_format(&debug->writer,
                "Found by request #%" PRIu64 ": 0x%02x at p%+td\n",
                debug->requests, *written,
                (ptrdiff_t)((uintptr_t)written - record->address));
  describe_record(&debug->writer, record);
  describe_place(debug, &debug->writer, block_record_address(record));
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  end(debug);
}

void misuse_fault(struct debug *debug, const pym_fault *fault,
                  const void *address)
{
  begin(debug, "damaged heap", address);
  writer_format(&debug->writer, "Found by request #%" PRIu64 ": [%s]\n    ",
                debug->requests, fault->invariant);
  writer_string(&debug->writer, fault->text);
  writer_string(&debug->writer, "\n");
  if (address != NULL)
    describe_address(debug, &debug->writer, address);
  writer_format(&debug->writer, "\nFatal error: %s\n", debug->kind);
  end(debug);
}

/* Calls the handler. Without one, prints the report and aborts, as CPython. */
static void hand_over(const struct debug *debug, const pym_misuse *misuse)
{
  /* GCOVR_EXCL_BR_START: without a handler the process aborts and its counts
     are lost; script/test process tests it */
  if (debug->on_misuse != NULL) {
    /* GCOVR_EXCL_BR_STOP */
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
