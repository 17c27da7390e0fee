-- The name of a geometry or of the options of a heap: the profile, and each field that
-- differs from it.
--
--     local name = require "pymalloc.geometry_name"
--     name "3.11"                                       --> 3.11
--     name { profile = "3.6", pool_bytes = 16384 }      --> 3.6, pool_bytes 16384
--     name { profile = "3.11", cache_blocks = 64 }      --> 3.11, cache_blocks 64
--     name(heap.geometry)                               --> 3.6

local core = require "pymalloc.core"

local DEFAULT_PROFILE = "3.6"

-- The options of a heap that are not of its geometry, in order.
local others = { "max_arenas", "max_bytes", "reserve_bytes", "retain_bytes", "cache_bytes",
  "cache_blocks", "medium", "count_hops", "checked", "debug", "quarantine", "check_every" }

local function option_text(name, value)
  return value == true and ", " .. name or (", %s %s"):format(name, value)
end

--- The name of the profile is the one that was given: "3.12", although the profile is 3.11's.
-- @param given the name of a profile; or a table with options of a heap, or a pymalloc.Geometry
-- @return the name; options that no heap can have raise an error
return function(given)
  local geometry = core.geometry_name(given)
  if type(given) == "string" then
    return given
  end
  local profile = given.profile or DEFAULT_PROFILE
  local name = { profile .. geometry:match("^[^,]*(.*)$") }
  for _, option in ipairs(others) do
    if given[option] then
      table.insert(name, option_text(option, given[option]))
    end
  end
  return table.concat(name)
end
