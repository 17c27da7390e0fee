-- The profiles of CPython's versions, written here a second time, so that specs
-- do not take the expected values from the code under test.

local function geometry(alignment, threshold, pool_bytes, arena_bytes, release)
  return {
    alignment = alignment,
    threshold = threshold,
    pool_bytes = pool_bytes,
    arena_bytes = arena_bytes,
    arena_offset = 0,
    release = release,
  }
end

local M = {
  ["3.6"] = geometry(8, 512, 4096, 262144, "at_once"),
  ["3.8"] = geometry(16, 512, 4096, 262144, "at_once"),
  ["3.9"] = geometry(16, 512, 4096, 262144, "keep_last"),
  ["3.10"] = geometry(16, 512, 16384, 1048576, "keep_last"),
  ["3.11"] = geometry(16, 512, 16384, 1048576, "keep_last"),
  ["3.15-hugepages"] = geometry(16, 512, 16384, 2097152, "keep_last"),
  ["3.10-no-radix-tree"] = geometry(16, 512, 4096, 1048576, "keep_last"),
  ["classroom"] = geometry(16, 64, 256, 1024, "at_once"),
}

-- Their names, the default first.
M.names = { "3.6", "3.8", "3.9", "3.10", "3.11", "3.15-hugepages", "3.10-no-radix-tree",
  "classroom" }

-- What a message says where a profile is not known.
M.known = "must be one of " .. table.concat(M.names, ", ") .. ", or a version of CPython, 2.7.15 "
  .. "to 2.7.18, 3.3, or 3.6 to 3.15 (3.7 with its third number), got "

return M
