#include "debug/check_blocks.h"

#include <inttypes.h>

#include "debug/debug.h"
#include "debug/guard_check.h"

/* [block.pads] */
static bool check_live(struct check *check, const struct debug *debug,
                       const struct block_record *record)
{
  const char *kind = guard_check_live(debug->guard_layout, record);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return kind == NULL ||
         check_fail(check, BLOCK_PADS,
                    "%s: the block of %zu bytes at %p, made by request "
                    "#%" PRIu64,
                    kind, record->bytes, block_record_address(record),
                    record->made_by);
  /* GCOVR_EXCL_BR_STOP */
}

/* [block.dead] */
static bool check_held(struct check *check, const struct debug *debug,
                       const struct block_record *record)
{
  const unsigned char *written = guard_check_held(debug->guard_layout, record);
  /* GCOVR_EXCL_BR_START: no damage that was tried violates this condition
     alone: another check reports it first */
  return written == NULL ||
         check_fail(check, BLOCK_DEAD,
                    "write after free at p%+td: the block of %zu bytes at "
                    "p=%p, freed by request #%" PRIu64,
                    (ptrdiff_t)((uintptr_t)written - record->address),
                    record->bytes, block_record_address(record),
                    record->freed_by);
  /* GCOVR_EXCL_BR_STOP */
}

bool check_blocks(struct check *check)
{
  const struct debug *debug = check->heap->debug;
  const struct block_record *record;
  size_t at = 0;
  if (debug == NULL)
    return true;
  while ((record = block_table_next(&debug->blocks, &at)) != NULL) {
    if (record->state == BLOCK_RECORD_LIVE && !check_live(check, debug, record))
      return false;
    if (record->state == BLOCK_RECORD_HELD && !check_held(check, debug, record))
      return false;
  }
  return true;
}
