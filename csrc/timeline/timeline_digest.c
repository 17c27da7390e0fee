#include "report/state_hash.h"
#include "timeline/timeline_parts.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

#define NO_BLOCK UINT64_C(0)
#define RAW_BLOCK UINT64_C(1)

/* A number for the block that the request just done has left to its handle. */
static uint64_t place_now(const struct timeline *timeline, uint32_t handle)
{
  if (handle == LOADED_TRACE_NO_HANDLE)
    return NO_BLOCK;
  const void *served = timeline->live[handle].block;
  if (served == NULL)
    return NO_BLOCK;
  if (!heap_owns(timeline->heap, served))
    return RAW_BLOCK;
  return RAW_BLOCK + 1 + ((uintptr_t)served - timeline->heap->base);
}

uint64_t timeline_digest(struct timeline *timeline)
{
  uint64_t digest = FNV_BASIS, here = timeline->at;
  bool is_done = timeline_go_to(timeline, 0);
  while (is_done && timeline->at < timeline_length(timeline)) {
    uint32_t handle = timeline->trace.items[timeline->at].handle;
    is_done = timeline_advance_to(timeline, timeline->at + 1);
    digest = (digest ^ place_now(timeline, handle)) * FNV_PRIME;
  }
  digest = (digest ^ state_hash(timeline->heap)) * FNV_PRIME;
  (void)timeline_go_to(timeline, here); /* it was there before */
  return digest;
}
