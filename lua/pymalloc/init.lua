--- pymalloc: CPython's small-object allocator, usable from Lua.
--
--     local pymalloc = require "pymalloc"
--     local heap <close> = pymalloc.heap { profile = "3.11" }
--     local b = heap:buffer("i32", 10)
--
-- The C module pymalloc.core serves requests and reads the state of heaps; searches,
-- filters, comparisons and pictures are written in Lua, on top of it.

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
  experiment = require("pymalloc.experiment").experiment,
  lab = require "pymalloc.lab",
  view = require "pymalloc.view",
  plot = require "pymalloc.plot",
  analyse = require("pymalloc.analyse").analyse,
  workload = require "pymalloc.workload",
  attach = require("pymalloc.attach").attach,
  snapshot = require "pymalloc.snapshots",
  report = require "pymalloc.report",
  real = require "pymalloc.real",
}

require "pymalloc.pins"
require "pymalloc.snapshot"
require "pymalloc.tables"
require "pymalloc.watch"

return M
