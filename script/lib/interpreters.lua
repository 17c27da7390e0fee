-- Finds the CPythons of this machine: those that are named, python3, python3.N and python2.7
-- on the PATH, and those of pyenv.

local tree = dofile((arg[0]:match("^(.*/)") or "./") .. "lib/tree.lua")

local M = {}

-- The environment of a CPython that is compared: its own allocator serves.
M.CLEAN = "env -u LD_PRELOAD -u PYTHONMALLOC -u PYTHONMALLOCSTATS -u PYTHONDEVMODE "
  .. "-u PYTHONHOME -u PYTHONPATH -u PYTHONSTARTUP "

-- What a Python says about itself, a line for each fact.
local PROBE = [[
import os, sys, sysconfig
print(".".join(map(str, sys.version_info[:3])))
print(sys.version_info.releaselevel)
print(getattr(sys, "implementation", None) and sys.implementation.name or "cpython")
print(os.path.realpath(sys.executable))
print(sysconfig.get_config_var("WITH_PYMALLOC"))
print(sysconfig.get_config_var("Py_DEBUG"))
print(sysconfig.get_config_var("Py_GIL_DISABLED"))
print(os.path.dirname(os.__file__))
]]

local function lines_of(command)
  local pipe <close> = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do
    table.insert(lines, line)
  end
  return lines
end

-- The paths of programs that may be a Python, in the order in which they are looked for.
local function candidates(named, only_named)
  if only_named then
    return named
  end
  local found = lines_of([[
    IFS=: pyenv=${PYENV_ROOT:-$HOME/.pyenv}
    for folder in $PATH; do
      [ "$folder" != "$pyenv/shims" ] || continue # they choose one of its versions
      ls "$folder"/python3 "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9] \
        "$folder"/python2.7 2>/dev/null
    done
    ls "$pyenv"/versions/*/bin/python3 "$pyenv"/versions/*/bin/python2.7 2>/dev/null]])
  return table.move(found, 1, #found, #named + 1, table.move(named, 1, #named, 1, {}))
end

-- Why a Python is not compared; nil if it is.
local function why_not(one, profile_of)
  if one.implementation ~= "cpython" then
    return one.implementation .. " has another allocator"
  elseif one.is_free_threaded then
    return "it is free-threaded: mimalloc serves its objects"
  elseif one.has_pymalloc == "0" then
    return "it is built without pymalloc"
  elseif one.is_debug then
    return "it is built with Py_DEBUG, whose debug hooks replace the witness"
  elseif not profile_of(one.version) then
    return "no profile has this version"
  end
end

local function describe(path, profile_of)
  local said = lines_of(("%s %s -c %s 2>/dev/null"):format(M.CLEAN, tree.quoted(path),
    tree.quoted(PROBE)))
  if #said ~= 8 then
    return { path = path, version = "?", why = "it does not run" }
  end
  local one = {
    version = said[1], level = said[2], implementation = said[3], path = said[4],
    has_pymalloc = said[5], is_debug = said[6] == "1", is_free_threaded = said[7] == "1",
    library = said[8],
  }
  one.why = why_not(one, profile_of)
  return one
end

local function number_of(version)
  local major, minor, micro = version:match("^(%d+)%.(%d+)%.(%d+)")
  return major and tonumber(major) * 1000000 + tonumber(minor) * 1000 + tonumber(micro) or 0
end

--- The Pythons that are found, each program once, the oldest version first. Each has the
-- fields `version`, `path` (without links), `library` (the folder of its modules), and `why`,
-- the reason for which it cannot be compared, or nil; `is_named`: it is one of `named`.
-- @param named paths, which are looked at first
-- @param geometry_of the geometry of a version, or nil
-- @param only_named true: no others
function M.find(named, profile_of, only_named)
  local list, seen = {}, {}
  for _, path in ipairs(candidates(named, only_named)) do
    local one = not seen[path] and describe(path, profile_of)
    seen[path] = true
    if one and (one.path == path or not seen[one.path]) then
      seen[one.path] = true
      table.insert(list, one)
    end
  end
  table.sort(list, function(a, b)
    local left, right = number_of(a.version), number_of(b.version)
    return left ~= right and left < right or left == right and a.path < b.path
  end)
  return list
end

return M
