-- pymalloc profiles: the geometries that have a name.

local columns = require "pymalloc.cli.columns"
local core = require "pymalloc.core"
local numbers = require "pymalloc.cli.numbers"

local M = {}

local titles = { "name", "alignment", "threshold", "pool", "arena", "release", "CPython" }

function M.define(parser)
  parser:command("profiles", "List the geometries of CPython's versions.",
    "Example: pymalloc profiles")
end

local function row_of(profile)
  return {
    profile.name,
    tostring(profile.alignment),
    tostring(profile.threshold),
    numbers.size(profile.pool_bytes),
    numbers.size(profile.arena_bytes),
    profile.release,
    profile.cpython,
  }
end

function M.run()
  local rows = {}
  for i, profile in ipairs(core.profiles()) do
    rows[i] = row_of(profile)
  end
  io.stdout:write(columns.text(titles, "lrrrrll", rows))
  return 0
end

return M
