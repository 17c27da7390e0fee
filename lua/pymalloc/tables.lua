-- The line that each kind of table made by the core prints as. A script may have
-- changed the fields, so none of these counts on what they hold.

local core = require "pymalloc.core"
local text = require "pymalloc.text"

local metatables = core.metatables

local function size(bytes)
  return math.type(bytes) == "integer" and text.size(bytes) or tostring(bytes)
end

function metatables.Geometry:__tostring()
  return ("pymalloc.Geometry %s: requests up to %s bytes, classes %s bytes apart, pools of %s, "
    .. "arenas of %s, release %s"):format(self.name, self.threshold, self.alignment,
    size(self.pool_bytes), size(self.arena_bytes), self.release)
end

function metatables.SizeClass:__tostring()
  return ("pymalloc.SizeClass %s: blocks of %s bytes, %s in a pool, %s of the pool lost"):format(
    self.szidx, self.size, self.capacity, text.count(self.waste, "byte"))
end

function metatables.Place:__tostring()
  local bytes = self.size and ", " .. text.count(self.size, "byte") or ""
  return ("pymalloc.Place %s:%s:%s%s"):format(self.arena, self.pool, self.offset, bytes)
end

function metatables.Stats:__tostring()
  return ("pymalloc.Stats: %s, %s, %s of them raw, %s of %s bytes of arenas in live blocks"):format(
    text.count(self.arenas_current, "arena"), text.count(self.blocks, "live block"),
    self.raw_blocks, self.allocated_bytes, self.arena_bytes)
end

function metatables.ClassStats:__tostring()
  return ("pymalloc.ClassStats %s: blocks of %s bytes, %s, %s, %s available"):format(self.szidx,
    self.size, text.count(self.pools, "pool"), text.count(self.live, "live block"),
    self.available)
end
