--- Hosts the Lua state that loads it: lua -l pymalloc.hosted script.lua
--
-- The module is the heap that the state lives on; one that pymalloc.host made
-- before stays what it is. Only what hosts is loaded: the collector of a small
-- script would visit the rest of pymalloc at every turn. Methods of the heap
-- that are written in Lua load it when they are called.

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
