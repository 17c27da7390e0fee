-- Checks the arguments of oracles, and names them. csrc/lab/oracle.h has their rules.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local geometry_name = require "pymalloc.geometry_name"

local M = {}

-- The fields of a geometry on which an oracle depends.
local geometry_fields = { "profile", "alignment", "threshold", "pool_bytes", "arena_bytes",
  "arena_offset" }

-- The words of csrc for a granularity of "live".
local granularities = { bytes = true, arenas = true, pools = true }

local function refuse(format, ...)
  check.refuse("oracle", format, ...)
end

-- Copies the fields of the geometry; any other field but those of `others` is refused.
local function geometry_of(given, others)
  local options = {}
  for _, name in ipairs(geometry_fields) do
    options[name] = given[name]
  end
  check.keys("oracle", "field", given,
    table.move(geometry_fields, 1, #geometry_fields, #others + 1, { table.unpack(others) }))
  local ok, problem = pcall(core.class_table, options)
  if not ok then
    error(problem, 0)
  end
  return options
end

local function granularity_of(oracle, given)
  local granularity = given.granularity
  if granularity == nil then
    return oracle == "live" and "bytes" or nil
  elseif oracle ~= "live" then
    refuse("only 'live' has a granularity")
  elseif not granularities[granularity] then
    refuse("granularity must be 'bytes', 'arenas' or 'pools', got %s", core.describe(granularity))
  end
  return granularity
end

local function name_of(oracle, granularity, options)
  local geometry = next(options) ~= nil and ", " .. geometry_name(options) or ""
  if oracle == "lifetimes" then
    return "oracle lifetimes" .. (geometry ~= "" and geometry or ", " .. geometry_name {})
  elseif granularity == "bytes" then
    return "oracle live" .. geometry
  end
  return ("oracle live in %s%s"):format(granularity,
    geometry ~= "" and geometry or ", " .. geometry_name {})
end

--- Checks the fields of a design with an oracle; a wrong value raises a message.
-- @param oracle "live" or "lifetimes"
-- @param given a table with granularity and fields of a geometry
-- @param others the names of more fields that are allowed, and not looked at
-- @return a table with the fields name, which (the word of csrc) and options (of a geometry)
function M.read(oracle, given, others)
  if oracle ~= "live" and oracle ~= "lifetimes" then
    refuse("an oracle must be 'live' or 'lifetimes', got %s", check.quote(oracle))
  elseif type(given) ~= "table" then
    refuse("options must be a table, got %s", core.describe(given))
  end
  local granularity = granularity_of(oracle, given)
  local options = geometry_of(given, { "granularity", table.unpack(others) })
  return { name = name_of(oracle, granularity, options), options = options,
    which = granularity or "lifetimes" }
end

local function check_series(series)
  return series == nil and 0 or check.integer("oracle", "series", series, 1, 1000000)
end

--- Runs a checked oracle.
-- @param loaded a pymalloc.LoadedTrace
-- @param options series and placements
function M.run(checked, loaded, options)
  return core.oracle(loaded, checked.which, checked.options, check_series(options.series),
    options.placements and true or false)
end

return M
