#include "lab/live_count.h"

/* Changes the number of live blocks of a class by 1 or -1. */
static void change_blocks(struct live_count *count, size_t szidx, int by)
{
  uint64_t size = geometry_class_bytes(count->geometry, szidx);
  uint64_t capacity_bytes = size * pym_class_capacity(count->geometry, szidx);
  uint64_t before = live_count_pools(count, szidx);
  count->blocks[szidx] += (uint64_t)by;
  count->block_bytes += (uint64_t)by * size;
  uint64_t more = live_count_pools(count, szidx) - before;
  count->pools += more;
  count->capacity_bytes += more * capacity_bytes;
}

void live_count_change(struct live_count *count,
                       const struct life_change *change)
{
  if (life_is_small(&change->before)) {
    count->bytes -= change->before.bytes;
    change_blocks(count, change->before.szidx, -1);
  }
  if (life_is_small(&change->after)) {
    count->bytes += change->after.bytes;
    change_blocks(count, change->after.szidx, 1);
  }
  count->all_bytes += change->after.bytes - change->before.bytes;
}
