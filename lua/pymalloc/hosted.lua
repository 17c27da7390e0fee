--- Hosts the Lua state that loads it: lua -l pymalloc.hosted script.lua
--
-- The value of the module is the heap that serves the state. If pymalloc.host was
-- called before, it is that heap. Only the part in C is loaded, because the collector would
-- visit the rest of pymalloc in each of its cycles. The methods of a heap that are written in
-- Lua are loaded when one of them is first called.

local core = require "pymalloc.core"

local methods = core.methods.Heap

local function load_first(name)
  local function stand_in(...)
    require "pymalloc"
    assert(methods[name] ~= stand_in)
    return methods[name](...)
  end
  methods[name] = methods[name] or stand_in
end

for _, name in ipairs {
  "hash", "keep_events", "last_events", "lost_events", "on", "pinned_by", "release_candidates",
  "snapshot",
} do
  load_first(name)
end

return core.hosting() or assert(core.host())
