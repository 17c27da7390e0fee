--- pymalloc: CPython's small-object allocator, usable from Lua.
--
--     local pymalloc = require "pymalloc"
--     local heap <close> = pymalloc.heap { profile = "3.11" }
--     local b = heap:buffer("i32", 10)
--
-- The C module pymalloc.core serves requests and reads the state of heaps; searches,
-- filters, comparisons and pictures are written in Lua, on top of it. Most modules are loaded
-- when they are first used, so that `require "pymalloc"` is quick.

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
  snapshot = require "pymalloc.snapshots",
}

-- Each of these returns a field that is not loaded yet.
local later = {
  diff = function() return require("pymalloc.diff").diff end,
  experiment = function() return require("pymalloc.experiment").experiment end,
  lab = function() return require "pymalloc.lab" end,
  view = function() return require "pymalloc.view" end,
  plot = function() return require "pymalloc.plot" end,
  analyse = function() return require("pymalloc.analyse").analyse end,
  workload = function() return require "pymalloc.workload" end,
  attach = function() return require("pymalloc.attach").attach end,
  report = function() return require "pymalloc.report" end,
  real = function() return require "pymalloc.real" end,
}

-- These modules add methods to the types of pymalloc.core.
require "pymalloc.pins"
require "pymalloc.snapshot"
require "pymalloc.tables"
require "pymalloc.watch"

local metatable = {}

function metatable:__index(name)
  local read = later[name]
  local value = read and read()
  rawset(self, name, value)
  return value
end

-- All fields: those that are not loaded yet are loaded.
function metatable:__pairs()
  for name in pairs(later) do
    local _ = self[name]
  end
  return next, self
end

return setmetatable(M, metatable)
