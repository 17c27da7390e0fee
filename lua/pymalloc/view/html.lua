-- Checks the arguments of pymalloc.view.html.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local document = require "pymalloc.page.document"
local events = require "pymalloc.event"
local packed = require "pymalloc.packed"
local runs = require "pymalloc.run"

local M = {}

local WHAT = "view.html"
local MOST = math.maxinteger
local OPTIONS = { "heap", "compare", "interpreter", "from", "to", "at", "title", "progress" }
local GEOMETRY = { "profile", "alignment", "threshold", "pool_bytes", "arena_bytes",
  "arena_offset", "release" }

-- The options of a heap, which are given as a table or as the name of a profile.
local function heap_options(name, given)
  if type(given) == "string" then
    given = { profile = given }
  elseif type(given) ~= "table" then
    check.refuse(WHAT, "%s must be a table of options or the name of a profile, got %s", name,
      core.describe(given))
  end
  local _ <close> = events.without_place(runs.replay, { text = "" }, given) -- refuses others
  return next(given) ~= nil and given or { profile = "3.6" }
end

-- The geometry of a run's heap as options.
local function geometry_of(run)
  local options = {}
  for _, name in ipairs(GEOMETRY) do
    options[name] = run.heap.geometry[name]
  end
  return options
end

local function check_source(source)
  local is_trace = type(source) == "table" and type(source.text) == "string"
  if type(source) ~= "string" and not is_trace and core.kind(source) ~= "Run" then
    check.refuse(WHAT, "x must be a run, a trace or a path, got %s", core.describe(source))
  end
end

local function integer(given, name, least)
  return given[name] and check.integer(WHAT, name, given[name], least, MOST)
end

local function of_type(given, name, wanted)
  local value = given[name]
  if value ~= nil and type(value) ~= wanted then
    check.refuse(WHAT, "%s must be a %s, got %s", name, wanted, core.describe(value))
  end
  return value
end

local function check_options(given)
  if type(given) ~= "table" then
    check.refuse(WHAT, "options must be a table, got %s", core.describe(given))
  end
  check.keys(WHAT, "option", given, OPTIONS)
end

-- The first heap, and the moment of a run.
local function heap_and_moment(source, given)
  if core.kind(source) ~= "Run" then
    return given.heap ~= nil and heap_options("heap", given.heap) or nil
  elseif given.heap ~= nil or given.interpreter ~= nil then
    check.refuse(WHAT, "heap and interpreter must be nil for a run, which has them")
  end
  return geometry_of(source), source.op
end

--- The options of the page; a wrong one raises a message.
function M.read(source, path, given)
  given = given == nil and {} or given
  check_source(source)
  packed.check_path(path, WHAT)
  check_options(given)
  local geometry, op = heap_and_moment(source, given)
  return { geometry = geometry,
    compare = given.compare ~= nil and heap_options("compare", given.compare) or nil,
    interpreter = integer(given, "interpreter", 0), from = integer(given, "from", 0),
    to = integer(given, "to", 0), at = integer(given, "at", 0) or op,
    title = of_type(given, "title", "string"), progress = of_type(given, "progress", "function") }
end

--- Writes the page. Returns its size in bytes; or nil and a message.
function M.write(source, path, options)
  local written, problem = document.write(source, path, options)
  return written and written.bytes, problem
end

return M
