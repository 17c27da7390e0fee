#include "debug/debug.h"

#include <string.h>

#include "check/check.h"
#include "debug/guard_check.h"
#include "debug/hooks.h"
#include "debug/misuse.h"
#include "debug/raw_hooks.h"

/*
** {==================================================================
** A request begins and ends
** ===================================================================
*/

/* Checks one block. false: it is damaged, and there is a report of misuse. */
static bool look_at(struct debug *debug, struct block_record *record)
{
  const char *kind = NULL;
  const unsigned char *written = NULL;
  if (record->state == BLOCK_RECORD_LIVE)
    kind = guard_check_live(debug->guard_layout, record);
  if (record->state == BLOCK_RECORD_HELD)
    written = guard_check_held(debug->guard_layout, record);
  if (kind == NULL && written == NULL)
    return true;
  record->is_told = true;
  if (kind != NULL)
    misuse_pads(debug, record, kind, record->api);
  else
    misuse_dead(debug, record, written);
  return false;
}

/* Checks everything. false: there is a report of the first damage. */
static bool look_around(struct debug *debug)
{
  pym_fault fault;
  struct check check = {.heap = debug->heap, .fault = &fault};
  struct block_record *record;
  size_t at = 0;
  while ((record = block_table_next(&debug->blocks, &at)) != NULL)
    if (!look_at(debug, record))
      return false;
  if (check_heap(&check))
    return true;
  misuse_fault(debug, &fault, NULL);
  return false;
}

/* Begins a request. false: it is refused, and the report is delivered. */
static bool begin(struct debug *debug)
{
  if (atomic_flag_test_and_set(&debug->is_busy)) {
    misuse_threads(debug);
    return false;
  }
  debug->requests++;
  if (debug->check_every == 0 || debug->requests % debug->check_every != 0 ||
      look_around(debug))
    return true;
  misuse_deliver(debug);
  return false;
}

static void *end(struct debug *debug, void *result)
{
  assert(result == NULL || debug->kind == NULL);
  misuse_deliver(debug);
  return result;
}

/* }================================================================== */

/*
** {==================================================================
** The layer
** ===================================================================
*/

/*
** Is 'data' a live, undamaged block of a caller with that size? SIZE_MAX
** stands for any size. If not, there is a report of misuse. A raw block has
** guard bytes of the heap around those of the caller; they are checked too.
*/
static bool is_callers(struct debug *debug, const void *data, size_t bytes,
                       const char *request)
{
  struct block_record *record = block_table_find(&debug->blocks, data);
  if (record == NULL || record->state != BLOCK_RECORD_LIVE) {
    misuse_address(debug, data, request);
    return false;
  }
  if (record->api != API_OBJECT) {
    misuse_pads(debug, record, "bad ID", API_OBJECT);
    return false;
  }
  if (bytes != SIZE_MAX && bytes != record->bytes) {
    misuse_size(debug, record, bytes);
    return false;
  }
  if (!look_at(debug, record))
    return false;
  record =
      block_table_find(&debug->blocks, (const char *)data - GUARD_HEAD_BYTES);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return record == NULL || record->api != API_RAW || look_at(debug, record);
  /* GCOVR_EXCL_BR_STOP */
}

static void *debug_malloc(pym_heap *heap, size_t bytes)
{
  struct debug *debug = heap->debug;
  if (bytes > REQUEST_MAX || !begin(debug))
    return NULL;
  return end(debug, hooks_make(debug, bytes, false));
}

static void *debug_calloc(pym_heap *heap, size_t count, size_t bytes)
{
  struct debug *debug = heap->debug;
  size_t total = size_of_product(count, bytes);
  if (total > REQUEST_MAX || !begin(debug))
    return NULL;
  return end(debug, hooks_make(debug, total, true));
}

static void *debug_realloc(pym_heap *heap, void *old, size_t bytes)
{
  struct debug *debug = heap->debug;
  if (old == NULL)
    return debug_malloc(heap, bytes);
  if (bytes > REQUEST_MAX || !begin(debug))
    return NULL;
  if (!is_callers(debug, old, SIZE_MAX, "realloc"))
    return end(debug, NULL);
  return end(debug, hooks_resize(debug, old, bytes));
}

static void debug_free_sized(pym_heap *heap, void *freed, size_t bytes)
{
  struct debug *debug = heap->debug;
  if (freed == NULL || !begin(debug))
    return;
  if (is_callers(debug, freed, bytes, "free"))
    hooks_release(debug, freed);
  misuse_deliver(debug);
}

static void debug_free(pym_heap *heap, void *freed)
{
  debug_free_sized(heap, freed, SIZE_MAX);
}

/* }================================================================== */

/*
** {==================================================================
** Opening and closing
** ===================================================================
*/

pym_debug pym_debug_of(const pym_geometry *geometry)
{
  bool is_new = geometry->alignment != 8 || geometry->address_bits != 0;
  return is_new ? PYM_DEBUG_3_8 : PYM_DEBUG_3_6;
}

bool debug_open(pym_heap *heap, const pym_options *options)
{
  pym_raw raw = heap->raw;
  struct debug *debug = raw.calloc(raw.context, 1, sizeof *debug);
  const struct guard_layout *layout = guard_layout_of(options->debug);
  assert(heap->debug == NULL && heap->watch == NULL);
  if (debug == NULL)
    return false;
  if (!quarantine_open(&debug->quarantine, raw,
                       layout != NULL ? options->quarantine : 0)) {
    raw.free(raw.context, debug);
    return false;
  }
  debug->layer = (struct heap_layer){.malloc = debug_malloc,
                                     .calloc = debug_calloc,
                                     .realloc = debug_realloc,
                                     .free = debug_free,
                                     .free_sized = debug_free_sized};
  debug->heap = heap;
  debug->guard_layout = layout;
  debug->raw = raw;
  debug->check_every = options->check_every;
  debug->on_misuse = options->on_misuse;
  debug->misuse_context = options->misuse_context;
  atomic_flag_clear(&debug->is_busy);
  block_table_open(&debug->blocks, raw);
  if (layout != NULL)
    heap->raw = raw_hooks(debug);
  heap->debug = debug;
  heap_set_layer(heap, &debug->layer);
  return true;
}

/* Reports every damage that was not reported before. */
static void tell_the_rest(struct debug *debug)
{
  struct block_record *record;
  size_t at = 0;
  while ((record = block_table_next(&debug->blocks, &at)) != NULL)
    if (!record->is_told && !look_at(debug, record))
      misuse_deliver(debug);
}

/*
** Frees the arenas vector, which has guard bytes around it. The cache, which
** becomes the layer again while the heap is deleted, then finds no arena.
*/
static void free_arenas(struct debug *debug)
{
  pym_heap *heap = debug->heap;
  if (heap->arenas != NULL)
    heap->raw.free(heap->raw.context, heap->arenas);
  heap->arenas = NULL;
  heap->maxarenas = 0;
}

/* Frees the held blocks: raw blocks among them would leak otherwise. */
static void empty_quarantine(struct debug *debug)
{
  while (debug->quarantine.count > 0)
    (void)hooks_drop_oldest(debug);
  debug->kind = NULL;
}

void debug_close(struct debug *debug)
{
  if (debug == NULL)
    return;
  pym_heap *heap = debug->heap;
  pym_raw raw = debug->raw;
  assert(heap->debug == debug && heap->layer == &debug->layer);
  tell_the_rest(debug);
  empty_quarantine(debug);
  if (debug->guard_layout != NULL)
    free_arenas(debug);
  heap->raw = raw;
  heap->debug = NULL;
  heap_set_layer(heap, NULL);
  block_table_close(&debug->blocks);
  quarantine_close(&debug->quarantine, raw);
  raw.free(raw.context, debug);
}

/* }================================================================== */

bool pym_is_checked(const pym_heap *heap)
{
  return heap->debug != NULL;
}

bool pym_poke(pym_heap *heap, void *address, const void *bytes, size_t count)
{
  if (heap->debug == NULL || !heap_owns(heap, address))
    return false;
  const struct arena_object *arena =
      heap_arena(heap, heap_slot_of(heap, address));
  size_t offset =
      ((uintptr_t)address - heap->base) & (heap->geometry.arena_bytes - 1);
  if (arena == NULL || count > heap->geometry.arena_bytes - offset)
    return false;
  memcpy(address, bytes, count);
  return true;
}
