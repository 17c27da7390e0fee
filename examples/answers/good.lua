-- A good answer: pools of 2 KiB, so that a class with few blocks holds little; arenas of 128 KiB,
-- of which the last usable one is kept.
return {
  profile = "3.6",
  pool_bytes = 2048,
  arena_bytes = 131072,
  release = "keep_last",
}
