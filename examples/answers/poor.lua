-- A poor answer: the smallest arenas, each released at once. Nearly all of what it holds is in
-- use, but it obtains as many arenas as the baseline, or more.
return {
  profile = "3.11",
  pool_bytes = 4096,
  arena_bytes = 8192,
  release = "at once",
}
