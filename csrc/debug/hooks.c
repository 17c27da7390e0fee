/*
** Makes, resizes and takes back the blocks of the callers of a checked heap.
*/
#include "debug/hooks.h"

#include <string.h>

#include "check/link_check.h"
#include "debug/guard_check.h"
#include "debug/guarded_block.h"
#include "debug/misuse.h"
#include "serve/alloc.h"

/*
** {==================================================================
** Links
** ===================================================================
*/

/* Is the block that the heap would give out in use already? */
static bool is_taken(const struct debug *debug, const block *candidate)
{
  const struct block_record *record = NULL;
  if (candidate != NULL)
    record =
        block_table_find(&debug->blocks, candidate + guarded_head_bytes(debug));
  return record != NULL && record->state != BLOCK_RECORD_FREED;
}

/* Can the heap serve a request of 'total' bytes? If not, there is a report. */
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
                     "the free chain leads to %p, which is not a free block",
                     (const void *)candidate);
  misuse_fault(debug, &fault,
               candidate != NULL ? candidate + guarded_head_bytes(debug)
                                 : NULL);
  return false;
}

/* Can the heap take a block back? If not, there is a report of misuse. */
static bool may_give(struct debug *debug, const void *data)
{
  pym_fault fault;
  struct check check = {.heap = debug->heap, .fault = &fault};
  if (link_check_may_give(&check, guarded_start(debug, data)))
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

/* Can the quarantine give back as many bytes as the request needs? */
static bool may_help(const struct debug *debug, size_t total)
{
  return debug->quarantine.count > 0 && debug->quarantine.bytes >= total;
}

void *hooks_make(struct debug *debug, size_t bytes, bool is_zeroed)
{
  if (!guarded_begin(debug, bytes))
    return NULL;
  while (may_take(debug, bytes + guarded_extra_bytes(debug))) {
    void *made = guarded_make(debug, API_OBJECT, bytes, is_zeroed);
    if (made != NULL)
      return made;
    /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
       alone: another check reports it first */
    if (!may_help(debug, bytes + guarded_extra_bytes(debug)) ||
        !hooks_drop_oldest(debug))
      return NULL;
    /* GCOVR_EXCL_BR_STOP */
  }
  return NULL;
}

/* }================================================================== */

/*
** {==================================================================
** Giving a block back
** ===================================================================
*/

/* Gives a block back to the heap, which may pass it on to the raw allocator. */
static void give_back(struct debug *debug, void *data)
{
  unsigned char *start = guarded_start(debug, data);
  bool is_pools = heap_owns(debug->heap, start);
  assert(block_table_find(&debug->blocks, data) != NULL);
  heap_free(debug->heap, start);
  if (is_pools)
    block_table_find(&debug->blocks, data)->state = BLOCK_RECORD_FREED;
  else
    block_table_remove(&debug->blocks, data);
}

bool hooks_drop_oldest(struct debug *debug)
{
  void *data = quarantine_oldest(&debug->quarantine);
  struct block_record *record = block_table_find(&debug->blocks, data);
  assert(record != NULL && record->state == BLOCK_RECORD_HELD);
  const unsigned char *written = guard_check_held(debug->guard_layout, record);
  quarantine_drop(&debug->quarantine, record->bytes);
  if (written != NULL) {
    misuse_dead(debug, record, written);
    guard_bytes_fill_dead(debug->guard_layout, data, record->bytes);
  }
  if (may_give(debug, data)) /* otherwise the block is leaked on purpose */
    give_back(debug, data);
  return debug->kind == NULL;
}

/* Makes room in the quarantine. false: there is a report of misuse. */
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
  assert(record != NULL && record->state == BLOCK_RECORD_LIVE);
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

/*
** With a quarantine, a resized block always moves, and the old one is held.
*/
static void *resize_by_copy(struct debug *debug, void *old, size_t bytes)
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
  size_t total = bytes + guarded_extra_bytes(debug);
  /* GCOVR_EXCL_BR_START: an earlier check has refused the size; this one keeps
     the function right on its own */
  if (total < bytes || total > REQUEST_MAX)
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  if (debug->quarantine.capacity > 0)
    return resize_by_copy(debug, data, bytes);
  if (!guarded_reserve(debug) || !may_give(debug, data) ||
      !may_take(debug, total))
    return NULL;
  return guarded_resize(debug, data, bytes);
}

/* }================================================================== */
