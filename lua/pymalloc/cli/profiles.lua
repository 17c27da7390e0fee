-- pymalloc profiles: lists the named geometries.

local core = require "pymalloc.core"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local titles = { "name", "alignment", "threshold", "pool", "arena", "release", "CPython" }

function M.define(parser)
  parser:command("profiles", "List the profiles: the geometries of CPython's versions.",
    "Example: pymalloc profiles")
end

local function row_of(profile)
  return {
    profile.name,
    profile.alignment,
    profile.threshold,
    text.size(profile.pool_bytes),
    text.size(profile.arena_bytes),
    profile.release,
    profile.cpython,
  }
end

function M.run()
  local rows = {}
  for i, profile in ipairs(core.profiles()) do
    rows[i] = row_of(profile)
  end
  terminal.write_table(titles, "lrrrrll", rows)
  return 0
end

return M
