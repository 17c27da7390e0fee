#include "debug/guarded_block.h"

#include <string.h>

#include "serve/alloc.h"

/*
** A bound on the records that a request adds: its own, that of its raw block,
** and that of a new arenas vector.
*/
#define RECORDS_A_REQUEST 4u

const struct block_record *guarded_around(const struct debug *debug,
                                          const void *address)
{
  size_t head = guarded_head_bytes(debug);
  return block_table_around(&debug->blocks, address, head,
                            guarded_extra_bytes(debug) - head);
}

bool guarded_reserve(struct debug *debug)
{
  return block_table_reserve(&debug->blocks, RECORDS_A_REQUEST);
}

bool guarded_begin(struct debug *debug, size_t bytes)
{
  size_t total = bytes + guarded_extra_bytes(debug);
  debug->serial++;
  /* GCOVR_EXCL_BR_START: an earlier check has refused the size; this one keeps
     the function right on its own */
  return total >= bytes && total <= REQUEST_MAX && guarded_reserve(debug);
  /* GCOVR_EXCL_BR_STOP */
}

static void *obtain(struct debug *debug, char api, size_t total, bool is_zeroed)
{
  pym_raw raw = debug->raw;
  if (api == API_RAW)
    return is_zeroed ? raw.calloc(raw.context, 1, total)
                     : raw.malloc(raw.context, total);
  return is_zeroed ? heap_calloc(debug->heap, 1, total)
                   : heap_malloc(debug->heap, total);
}

/* Records a block and writes its guard bytes. Returns its address. */
static unsigned char *record_block(struct debug *debug, char api,
                                   unsigned char *start, size_t bytes)
{
  unsigned char *data = start + guarded_head_bytes(debug);
  assert(api == API_OBJECT || api == API_RAW);
  struct block_record *record = block_table_put(&debug->blocks, data);
  record->bytes = bytes;
  record->made_by = debug->requests;
  record->serial = debug->serial;
  record->api = api;
  if (debug->guard_layout != NULL)
    guard_bytes_write(debug->guard_layout, data, bytes, api, debug->serial);
  return data;
}

void *guarded_make(struct debug *debug, char api, size_t bytes, bool is_zeroed)
{
  unsigned char *start =
      obtain(debug, api, bytes + guarded_extra_bytes(debug), is_zeroed);
  if (start == NULL)
    return NULL;
  unsigned char *data = record_block(debug, api, start, bytes);
  if (debug->guard_layout != NULL && !is_zeroed)
    memset(data, debug->guard_layout->clean, bytes);
  return data;
}

static void *obtain_resized(struct debug *debug, char api, void *start,
                            size_t total)
{
  return api == API_RAW ? debug->raw.realloc(debug->raw.context, start, total)
                        : heap_realloc(debug->heap, start, total);
}

/* The block that was at this address is at another one now. */
static void record_move(struct debug *debug, void *data)
{
  struct block_record *record = block_table_find(&debug->blocks, data);
  assert(record != NULL && record->state == BLOCK_RECORD_LIVE);
  if (!heap_owns(debug->heap, data)) {
    block_table_remove(&debug->blocks, data);
    return;
  }
  record->state = BLOCK_RECORD_FREED;
  record->freed_by = debug->requests;
}

void *guarded_resize(struct debug *debug, void *data, size_t bytes)
{
  struct guard_saved saved;
  struct block_record was = *block_table_find(&debug->blocks, data);
  bool erases = debug->guard_layout != NULL && debug->guard_layout->erases;
  assert(was.state == BLOCK_RECORD_LIVE);
  debug->serial++;
  if (erases)
    guard_bytes_erase(debug->guard_layout, data, was.bytes, &saved);
  unsigned char *start =
      obtain_resized(debug, was.api, guarded_start(debug, data),
                     bytes + guarded_extra_bytes(debug));
  bool is_refused = start == NULL;
  if (is_refused) {
    start = guarded_start(debug, data);
    bytes = was.bytes;
  } else if (start != guarded_start(debug, data)) {
    record_move(debug, data);
  }
  if (is_refused && !erases)
    return NULL;
  unsigned char *resized = record_block(debug, was.api, start, bytes);
  if (erases)
    guard_bytes_restore(resized, bytes, &saved);
  if (debug->guard_layout != NULL && bytes > was.bytes)
    memset(resized + was.bytes, debug->guard_layout->clean, bytes - was.bytes);
  if (is_refused)
    *block_table_find(&debug->blocks, resized) = was;
  return is_refused ? NULL : resized;
}
