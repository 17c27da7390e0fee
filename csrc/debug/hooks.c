/*
** Blocks with the bytes of a layout around them, or without any where a heap
** is only checked. 'data' is what the caller has, 'inner' what the heap or
** raw gave.
*/
#include <string.h>

#include "debug/debug.h"
#include "check/link_check.h"
#include "serve/alloc.h"

/* What one request adds at most: itself, its raw block, the arenas vector. */
#define RECORDS_A_REQUEST 4u

static size_t head_bytes(const struct debug *debug)
{
  return debug->guard_layout != NULL ? GUARD_HEAD_BYTES : 0;
}

static size_t extra_bytes(const struct debug *debug)
{
  return debug->guard_layout != NULL ? debug->guard_layout->extra_bytes : 0;
}

static unsigned char *inner_of(const struct debug *debug, const void *data)
{
  return (unsigned char *)(uintptr_t)data - head_bytes(debug);
}

const char *hooks_fault(const struct debug *debug,
                        const struct block_record *record)
{
  const struct guard_layout *layout = debug->guard_layout;
  const unsigned char *data = (const unsigned char *)record->address;
  if (layout == NULL)
    return NULL;
  if (guard_bytes_api(data) != record->api)
    return "bad ID";
  if (!guard_bytes_head_is_whole(layout, data))
    return "bad leading pad byte";
  if (!guard_bytes_tail_is_whole(layout, data, record->bytes))
    return "bad trailing pad byte";
  if (guard_bytes_size(data) != record->bytes)
    return "bad size";
  if (layout->has_serial &&
      guard_bytes_serial(data, record->bytes) != record->serial)
    return "bad serial number";
  return NULL;
}

const unsigned char *hooks_written(const struct debug *debug,
                                   const struct block_record *record)
{
  return debug->guard_layout == NULL
             ? NULL
             : guard_bytes_first_not_dead(
                   debug->guard_layout, (const unsigned char *)record->address,
                   record->bytes);
}

/*
** {==================================================================
** Links
** ===================================================================
*/

/* Is what the heap would hand out somebody's already? */
static bool is_taken(const struct debug *debug, const block *candidate)
{
  const struct block_record *record = NULL;
  if (candidate != NULL)
    record = block_table_find(&debug->blocks, candidate + head_bytes(debug));
  return record != NULL && record->state != BLOCK_RECORD_FREED;
}

/* May the heap serve a request of that many bytes? If not: a report of misuse. */
static bool may_take(struct debug *debug, size_t total)
{
  pym_fault fault;
  const block *candidate = NULL;
  struct check check = {.heap = debug->heap, .fault = &fault};
  ptrdiff_t szidx = pym_class_of(&debug->heap->geometry, total);
  if (szidx < 0)
    return true;
  if (link_check_may_take(&check, (size_t)szidx, &candidate) &&
      !is_taken(debug, candidate))
    return true;
  if (candidate != NULL)
    (void)check_fail(&check, POOL_CHAIN,
                     "the free chain leads to %p, which is no free block",
                     (const void *)candidate);
  misuse_fault(debug, &fault,
               candidate != NULL ? candidate + head_bytes(debug) : NULL);
  return false;
}

/* May the heap take a block back? If not: a report of misuse. */
static bool may_give(struct debug *debug, const void *data)
{
  pym_fault fault;
  struct check check = {.heap = debug->heap, .fault = &fault};
  if (link_check_may_give(&check, inner_of(debug, data)))
    return true;
  misuse_fault(debug, &fault, data);
  return false;
}

/* }================================================================== */

/*
** {==================================================================
** Making a block
** ===================================================================
*/

static void *ask(struct debug *debug, char api, size_t total, bool is_zeroed)
{
  pym_raw raw = debug->raw;
  if (api == API_RAW)
    return is_zeroed ? raw.calloc(raw.context, 1, total)
                     : raw.malloc(raw.context, total);
  return is_zeroed ? heap_calloc(debug->heap, 1, total)
                   : heap_malloc(debug->heap, total);
}

/* Enters a block in the registry and puts its bytes around it. */
static void *dress(struct debug *debug, char api, unsigned char *inner,
                   size_t bytes)
{
  unsigned char *data = inner + head_bytes(debug);
  struct block_record *record = block_table_put(&debug->blocks, data);
  record->bytes = bytes;
  record->made_by = debug->requests;
  record->serial = debug->serial;
  record->api = api;
  if (debug->guard_layout != NULL)
    guard_bytes_write(debug->guard_layout, data, bytes, api, debug->serial);
  return data;
}

static void *dress_new(struct debug *debug, char api, unsigned char *inner,
                       size_t bytes, bool is_zeroed)
{
  unsigned char *data = dress(debug, api, inner, bytes);
  if (debug->guard_layout != NULL && !is_zeroed)
    memset(data, debug->guard_layout->clean, bytes);
  return data;
}

/* Would the heap have the bytes if a held block were let go? */
static bool may_help(const struct debug *debug, size_t total)
{
  return debug->quarantine.count > 0 && debug->quarantine.bytes >= total;
}

void *hooks_make(struct debug *debug, size_t bytes, bool is_zeroed)
{
  size_t total = bytes + extra_bytes(debug);
  debug->serial++; /* before it is known to succeed, as in 3.6 */
  if (total < bytes || total > REQUEST_MAX ||
      !block_table_reserve(&debug->blocks, RECORDS_A_REQUEST))
    return NULL;
  while (may_take(debug, total)) {
    unsigned char *inner = ask(debug, API_OBJECT, total, is_zeroed);
    if (inner != NULL)
      return dress_new(debug, API_OBJECT, inner, bytes, is_zeroed);
    if (!may_help(debug, total) || !hooks_drop_oldest(debug))
      return NULL;
  }
  return NULL;
}

/* }================================================================== */

/*
** {==================================================================
** Giving a block back
** ===================================================================
*/

/* The block leaves for the heap, and from there perhaps for raw. */
static void give_back(struct debug *debug, void *data)
{
  unsigned char *inner = inner_of(debug, data);
  bool is_pools = heap_owns(debug->heap, inner);
  heap_free(debug->heap, inner);
  if (is_pools)
    block_table_find(&debug->blocks, data)->state = BLOCK_RECORD_FREED;
  else
    block_table_remove(&debug->blocks, data);
}

bool hooks_drop_oldest(struct debug *debug)
{
  void *data = quarantine_oldest(&debug->quarantine);
  struct block_record *record = block_table_find(&debug->blocks, data);
  const unsigned char *written = hooks_written(debug, record);
  quarantine_drop(&debug->quarantine, record->bytes);
  if (written != NULL) {
    misuse_dead(debug, record, written);
    guard_bytes_fill_dead(debug->guard_layout, data, record->bytes);
  }
  if (may_give(debug, data)) /* if not it is lost */
    give_back(debug, data);
  return debug->kind == NULL;
}

/* Makes room in the quarantine; false: with a report of misuse. */
static bool make_room(struct debug *debug, size_t bytes)
{
  while (quarantine_is_full(&debug->quarantine, bytes))
    if (!hooks_drop_oldest(debug))
      return false;
  return true;
}

void hooks_release(struct debug *debug, void *data)
{
  struct block_record *record = block_table_find(&debug->blocks, data);
  size_t bytes = record->bytes;
  bool is_held = debug->quarantine.capacity > 0;
  if (is_held ? !make_room(debug, bytes) : !may_give(debug, data))
    return;
  record = block_table_find(&debug->blocks, data);
  record->freed_by = debug->requests;
  record->state = BLOCK_RECORD_HELD;
  if (debug->guard_layout != NULL)
    guard_bytes_fill_dead(debug->guard_layout, data, bytes);
  if (is_held)
    quarantine_put(&debug->quarantine, data, bytes);
  else
    give_back(debug, data);
}

/* }================================================================== */

/*
** {==================================================================
** Resizing a block
** ===================================================================
*/

static void *ask_again(struct debug *debug, char api, void *inner, size_t total)
{
  return api == API_RAW ? debug->raw.realloc(debug->raw.context, inner, total)
                        : heap_realloc(debug->heap, inner, total);
}

/* Its old address, where it has another one now. */
static void leave_address(struct debug *debug, void *data)
{
  struct block_record *record = block_table_find(&debug->blocks, data);
  if (!heap_owns(debug->heap, data)) {
    block_table_remove(&debug->blocks, data);
    return;
  }
  record->state = BLOCK_RECORD_FREED;
  record->freed_by = debug->requests;
}

/* As CPython does: the allocator below resizes. There is room for records. */
static void *reform(struct debug *debug, unsigned char *old, size_t bytes)
{
  struct guard_saved saved;
  struct block_record was = *block_table_find(&debug->blocks, old);
  bool erases = debug->guard_layout != NULL && debug->guard_layout->erases;
  debug->serial++;
  if (erases)
    guard_bytes_erase(debug->guard_layout, old, was.bytes, &saved);
  unsigned char *inner = ask_again(debug, was.api, inner_of(debug, old),
                                   bytes + extra_bytes(debug));
  bool is_refused = inner == NULL;
  if (is_refused) {
    inner = inner_of(debug, old);
    bytes = was.bytes;
  } else if (inner != inner_of(debug, old)) {
    leave_address(debug, old);
  }
  if (is_refused && !erases)
    return NULL;
  unsigned char *data = dress(debug, was.api, inner, bytes);
  if (erases)
    guard_bytes_restore(data, bytes, &saved);
  if (debug->guard_layout != NULL && bytes > was.bytes)
    memset(data + was.bytes, debug->guard_layout->clean, bytes - was.bytes);
  if (is_refused)
    *block_table_find(&debug->blocks, data) = was;
  return is_refused ? NULL : data;
}

/* Where freed blocks are held back the old one is one of them. */
static void *remake(struct debug *debug, void *old, size_t bytes)
{
  size_t old_bytes = block_table_find(&debug->blocks, old)->bytes;
  if (!make_room(debug, old_bytes))
    return NULL;
  void *made = hooks_make(debug, bytes, false);
  if (made == NULL)
    return NULL;
  memcpy(made, old, bytes < old_bytes ? bytes : old_bytes);
  hooks_release(debug, old);
  return made;
}

void *hooks_resize(struct debug *debug, void *data, size_t bytes)
{
  size_t total = bytes + extra_bytes(debug);
  if (total < bytes || total > REQUEST_MAX)
    return NULL;
  if (debug->quarantine.capacity > 0)
    return remake(debug, data, bytes);
  if (!block_table_reserve(&debug->blocks, RECORDS_A_REQUEST) ||
      !may_give(debug, data) || !may_take(debug, total))
    return NULL;
  return reform(debug, data, bytes);
}

/* }================================================================== */

/*
** {==================================================================
** What the heap asks of raw
** ===================================================================
*/

static void *make_raw(struct debug *debug, size_t bytes, bool is_zeroed)
{
  size_t total = bytes + extra_bytes(debug);
  debug->serial++;
  if (total < bytes || total > REQUEST_MAX ||
      !block_table_reserve(&debug->blocks, RECORDS_A_REQUEST))
    return NULL;
  unsigned char *inner = ask(debug, API_RAW, total, is_zeroed);
  return inner == NULL ? NULL
                       : dress_new(debug, API_RAW, inner, bytes, is_zeroed);
}

static void *raw_malloc(void *context, size_t bytes)
{
  return make_raw(context, bytes, false);
}

static void *raw_calloc(void *context, size_t count, size_t bytes)
{
  return make_raw(context, count * bytes, true);
}

/* Is the heap's own block whole? If not: a report of misuse. */
static bool is_whole(struct debug *debug, const void *data)
{
  struct block_record *record = block_table_find(&debug->blocks, data);
  const char *kind = hooks_fault(debug, record);
  if (kind == NULL)
    return true;
  record->is_told = true;
  misuse_pads(debug, record, kind, record->api);
  return false;
}

static void *raw_realloc(void *context, void *data, size_t bytes)
{
  struct debug *debug = context;
  if (data == NULL)
    return make_raw(debug, bytes, false);
  if (bytes > REQUEST_MAX - extra_bytes(debug) || !is_whole(debug, data) ||
      !block_table_reserve(&debug->blocks, RECORDS_A_REQUEST))
    return NULL;
  return reform(debug, data, bytes);
}

static void raw_free(void *context, void *data)
{
  struct debug *debug = context;
  const struct block_record *record = block_table_find(&debug->blocks, data);
  guard_bytes_fill_dead(debug->guard_layout, data, record->bytes);
  block_table_remove(&debug->blocks, data);
  debug->raw.free(debug->raw.context, inner_of(debug, data));
}

pym_raw hooks_raw(struct debug *debug)
{
  return (pym_raw){.context = debug,
                   .malloc = raw_malloc,
                   .calloc = raw_calloc,
                   .realloc = raw_realloc,
                   .free = raw_free};
}

/* }================================================================== */
