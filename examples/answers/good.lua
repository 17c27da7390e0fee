-- A good answer: pools of 2 KiB, so that a class with few blocks holds little, with headers kept
-- elsewhere; eight size classes from each power of two to the next; arenas of 128 KiB, which
-- are filled from the lowest address, and of which an empty one is kept if no other is usable.
return {
  profile = "3.6",
  pool_bytes = 2048,
  arena_bytes = 131072,
  header = 0,
  classes = { doubling = 8 },
  next_pool = "fullest",
  next_arena = "lowest address",
  release = "keep the last",
}
