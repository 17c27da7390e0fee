-- Compares a heap with a live CPython, in a process of its own.

local builtin = require "pymalloc.trace.builtin"

local M = {}

local root = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../../.."
local program = root .. "/bindings/python/beside_cpython.lua"

--- Why the comparison is not possible here; nil if it is possible.
function M.obstacle()
  local file <close> = io.open(program)
  if not file then
    return "the program that calls a live CPython is not installed; it is in pymalloc's source"
  elseif not package.searchpath("pymalloc.cpython", package.cpath) then
    return "the module that calls a live CPython is built only where libpython 3.11 is installed"
  end
end

--- Runs a trace in a live CPython and in a heap of profile 3.11.
-- @param trace the name of a built-in trace, or a path of a trace that is compressed by xz
-- @param rhythm the number of requests between two stops, at which all headers
-- are compared
-- @return the counts addresses, headers and stops by name; or nil and the first
-- difference
function M.compare(trace, rhythm)
  local path = assert(builtin.path(trace))
  local version = _VERSION:match("%d.*"):gsub("%.", "_")
  local paths = ("LUA_PATH_%s='%s' LUA_CPATH_%s='%s'"):format(version, package.path, version,
    package.cpath)
  local pipe = io.popen(("%s lua5.4 '%s' trace '%s' 4096 %d 2>&1"):format(paths, program, path,
    rhythm))
  local output = pipe:read("a")
  if not pipe:close() then
    return nil, output
  end
  local counts = {}
  for name, count in output:gmatch("(%w+)=(%d+)") do
    counts[name] = math.tointeger(count)
  end
  return counts
end

return M
