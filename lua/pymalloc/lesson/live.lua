-- Asks a live CPython, in a process of its own, whether it does the same.

local lfs = require "lfs"

local M = {}

local root = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../../.."
local program = root .. "/bindings/python/beside_cpython.lua"

--- Why a live CPython cannot be asked here; nil where it can.
function M.obstacle()
  if not lfs.attributes(program, "mode") then
    return "a live CPython is asked from the source of pymalloc, and this is an installed rock"
  elseif not package.searchpath("pymalloc.cpython", package.cpath) then
    return "script/build makes what asks a live CPython only where libpython 3.11 is installed"
  end
end

--- Runs a trace in a live CPython and in a heap of profile 3.11.
-- @param path of a trace, packed by xz
-- @param rhythm requests between two stops, at which all headers are compared
-- @return counts by name: addresses, headers, stops; or nil and where they part
function M.compare(path, rhythm)
  local paths = ("LUA_PATH_5_4='%s' LUA_CPATH_5_4='%s'"):format(package.path, package.cpath)
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
