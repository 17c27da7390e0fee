-- The kinds of fragmentation. Each byte of an arena that was not requested is of one of them:
--
--     1 rounding                    the end of a block that was not requested
--     2 headers and quantization    bytes of a pool that no block can have
--     3 free blocks in used pools   only requests of the same class can get them
--     4 unused pools                any class can get them; returned with a whole arena
--
-- Neither reports nor snapshots contain the sizes of requests. So the first kind is within the
-- bytes of live blocks, and only its upper bound is known.

local text = require "pymalloc.text"

local M = {}

--- The kinds of some statistics: an array of tables with the fields kind (0 for the bytes of
-- live blocks, else 2, 3 or 4), name and bytes, and the fields arena_bytes and rounding_most.
-- @param stats with the fields of heap:stats() on bytes, and classes
-- @param alignment the distance between two classes
function M.kinds(stats, alignment)
  local live = 0
  for _, class in ipairs(stats.classes) do
    live = live + class.live
  end
  return {
    { kind = 0, name = "live blocks", bytes = stats.allocated_bytes },
    { kind = 2, name = "headers and quantization",
      bytes = stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes },
    { kind = 3, name = "free blocks in used pools", bytes = stats.available_bytes },
    { kind = 4, name = "unused pools", bytes = stats.unused_pool_bytes },
    arena_bytes = stats.arena_bytes,
    rounding_most = live * (alignment - 1),
  }
end

--- The kinds as an array of lines: bytes and their share of the arenas.
function M.lines(kinds)
  local rows = { { "bytes", "", "of the arenas" } }
  local function add(label, bytes, share)
    table.insert(rows, { label, bytes, share })
  end
  for _, kind in ipairs(kinds) do
    local label = kind.kind == 0 and "  " .. kind.name or ("  %d %s"):format(kind.kind, kind.name)
    add(label, text.group(kind.bytes), text.share(kind.bytes, kinds.arena_bytes))
    if kind.kind == 0 then
      add("  1 rounding, within the live blocks", "at most " .. text.group(kinds.rounding_most),
        text.share(kinds.rounding_most, kinds.arena_bytes))
    end
  end
  add("  all arenas", text.group(kinds.arena_bytes), text.share(1, 1))
  return text.table(rows, "lrr")
end

return M
