-- Compares geometries with the recorded start-up of CPython: the bytes of arenas that each holds,
-- and how much of them is live.
local pymalloc = require "pymalloc"

local result = assert(pymalloc.experiment {
  traces = { "@startup" },
  geometries = {
    { name = "3.6", profile = "3.6" },
    { name = "3.11", profile = "3.11" },
    { name = "3.6 with pools of 16 KiB", profile = "3.6", pool_bytes = 16384 },
    { name = "3.11 with arenas of 256 KiB", profile = "3.11", arena_bytes = 256 << 10 },
  },
  measure = { "held_peak", "held_mean", "utilisation_peak" },
})

print(result:sort("held_mean"))

-- The same figures divided by those of 3.6.
print(result:ratios("3.6"):sort("held_mean"))
