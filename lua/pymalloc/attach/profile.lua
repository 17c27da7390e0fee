-- The geometry of the CPython that was found, by its version, and whether it is supported.

local copy = require "pymalloc.copy"
local core = require "pymalloc.core"

local M = {}

local OLDEST, NEWEST = 6, 14

--- The minor version of a version such as "3.11.2"; nil and a message if that version is not
-- supported.
function M.minor(version)
  if not version then
    return nil, "is a CPython whose version was not found"
  end
  local major, minor = version:match("^(%d+)%.(%d+)")
  minor = math.tointeger(minor)
  if major ~= "3" or minor < OLDEST then
    return nil, ("is CPython %s, which is too old: 3.%d to 3.%d are supported"):format(version,
      OLDEST, NEWEST)
  elseif minor > NEWEST then
    return nil, ("is CPython %s, which is too new: 3.%d to 3.%d are supported"):format(version,
      OLDEST, NEWEST)
  end
  return minor
end

local function geometry_of(profile)
  local geometry = copy(profile)
  geometry.profile, geometry.cpython = profile.name, nil
  return geometry
end

-- A build of 3.6 to 3.8 may have 32 classes or 64: some distributions changed it.
local function name_of(minor, class_count)
  if minor <= 8 then
    return class_count == 64 and "3.6" or "3.8"
  end
  return minor >= 11 and "3.11" or "3." .. minor
end

--- The geometry of a minor version whose usedpools has this many classes; nil if there is none.
function M.geometry(minor, class_count)
  local name = name_of(minor, class_count)
  for _, profile in ipairs(core.profiles()) do
    if profile.name == name and profile.class_count == class_count then
      return geometry_of(profile)
    end
  end
end

return M
