#include "debug/guard_check.h"

const char *guard_check_live(const struct guard_layout *layout,
                             const struct block_record *record)
{
  const unsigned char *data = block_record_address(record);
  assert(record->state == BLOCK_RECORD_LIVE);
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

const unsigned char *guard_check_held(const struct guard_layout *layout,
                                      const struct block_record *record)
{
  const unsigned char *data = block_record_address(record);
  assert(record->state == BLOCK_RECORD_HELD);
  /* GCOVR_EXCL_BR_START: without a layout there is no quarantine, and so no
     block is held */
  return layout == NULL
             ? NULL
             : guard_bytes_first_not_dead(layout, data, record->bytes);
  /* GCOVR_EXCL_BR_STOP */
}
