#include "debug/raw_hooks.h"

#include "debug/guard_check.h"
#include "debug/guarded_block.h"
#include "debug/misuse.h"

static void *make(struct debug *debug, size_t bytes, bool is_zeroed)
{
  /* GCOVR_EXCL_BR_START: an earlier check has refused the size; this one keeps
     the function right on its own */
  return guarded_begin(debug, bytes)
             ? guarded_make(debug, API_RAW, bytes, is_zeroed)
             : NULL;
  /* GCOVR_EXCL_BR_STOP */
}

static void *raw_malloc(void *context, size_t bytes)
{
  return make(context, bytes, false);
}

static void *raw_calloc(void *context, size_t count, size_t bytes)
{
  return make(context, count * bytes, true);
}

/* Is the heap's own block undamaged? If not, there is a report of misuse. */
static bool is_whole(struct debug *debug, const void *data)
{
  struct block_record *record = block_table_find(&debug->blocks, data);
  assert(record != NULL && record->api == API_RAW);
  const char *kind = guard_check_live(debug->guard_layout, record);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  if (kind == NULL)
    return true;
  /* GCOVR_EXCL_BR_STOP */
  record->is_told = true;
  misuse_pads(debug, record, kind, record->api);
  return false;
}

static void *raw_realloc(void *context, void *data, size_t bytes)
{
  struct debug *debug = context;
  if (data == NULL)
    return make(debug, bytes, false);
  /* GCOVR_EXCL_BR_START: an earlier check has refused the size; this one keeps
     the function right on its own; the request has reserved the records of the
     vector */
  if (bytes > REQUEST_MAX - guarded_extra_bytes(debug) ||
      !is_whole(debug, data) || !guarded_reserve(debug))
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  return guarded_resize(debug, data, bytes);
}

static void raw_free(void *context, void *data)
{
  struct debug *debug = context;
  const struct block_record *record = block_table_find(&debug->blocks, data);
  assert(record != NULL && record->api == API_RAW);
  guard_bytes_fill_dead(debug->guard_layout, data, record->bytes);
  block_table_remove(&debug->blocks, data);
  debug->raw.free(debug->raw.context, guarded_start(debug, data));
}

pym_raw raw_hooks(struct debug *debug)
{
  return (pym_raw){.context = debug,
                   .malloc = raw_malloc,
                   .calloc = raw_calloc,
                   .realloc = raw_realloc,
                   .free = raw_free};
}
