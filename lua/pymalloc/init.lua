--- pymalloc: CPython's small-object allocator, opened up to scripts.
--
--     local pymalloc = require "pymalloc"
--     local heap <close> = pymalloc.heap { profile = "3.11" }
--     local b = heap:buffer("i32", 10)
--
-- C states facts (pymalloc.core); what is decided from them is decided here.

local core = require "pymalloc.core"

local M = {
  _VERSION = core._VERSION,
  heap = core.heap,
  host = core.host,
  hosting = core.hosting,
  profiles = core.profiles,
  class_table = core.class_table,
  trace = require "pymalloc.trace",
  replay = require("pymalloc.run").replay,
  diff = require("pymalloc.diff").diff,
  view = require "pymalloc.view",
}

--- The live blocks that keep an arena from being released, by address.
-- @tparam pymalloc.Arena|integer arena a view of it, or its slot
-- @treturn pymalloc.Place[] each with its size
-- @usage heap:pinned_by(0)[1] --> { arena = 0, offset = 48, pool = 0, size = 16 }
function core.methods.Heap:pinned_by(arena)
  local view = self:arena(type(arena) == "userdata" and arena.index or arena)
  local header_bytes = self.geometry.header_bytes
  local pinned = {}
  for pool in view:pools() do
    for number, state in ipairs(pool:blocks()) do
      if state == "live" then
        local offset = header_bytes + (number - 1) * pool.size
        table.insert(pinned,
          { arena = pool.arena, pool = pool.offset, offset = offset, size = pool.size })
      end
    end
  end
  return pinned
end

require "pymalloc.snapshot"
require "pymalloc.watch"

return M
