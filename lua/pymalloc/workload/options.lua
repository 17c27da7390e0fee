-- Options of the functions of pymalloc.workload. Errors are raised without a place.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local generators = require "pymalloc.workload.generators"

local M = {}

local REQUESTS, SEED = 100000, 1

--- The largest number of requests.
M.REQUESTS_MOST = 1 << 30

function M.refuse(what, format, ...)
  check.refuse("workload." .. what, format, ...)
end

--- The value, if it is an integer from least to most.
function M.check_integer(what, name, value, least, most)
  return check.integer("workload." .. what, name, value, least, most)
end

--- The seed of options, or the default.
function M.seed(what, options)
  local seed = options.seed == nil and SEED or options.seed
  return M.check_integer(what, "seed", seed, math.mininteger, math.maxinteger)
end

--- The names of the options of a generator, in order.
function M.names(what)
  local names = { "requests", "seed" }
  for name in pairs(generators[what].options) do
    table.insert(names, name)
  end
  table.sort(names)
  return names
end

--- The options of a generator, with defaults for those that are not given.
function M.read(what, given)
  if given ~= nil and type(given) ~= "table" then
    M.refuse(what, "options must be a table, got %s", core.describe(given))
  end
  given = given or {}
  check.keys("workload." .. what, "option", given, M.names(what))
  local read = { seed = M.seed(what, given) }
  for name, limits in pairs(generators[what].options) do
    local value = given[name] == nil and limits[1] or given[name]
    read[name] = M.check_integer(what, name, value, limits[2], limits[3])
  end
  if read.least and read.least > read.most then
    M.refuse(what, "least must not exceed most, got %d and %d", read.least, read.most)
  end
  local requests = given.requests == nil and REQUESTS or given.requests
  read.requests = M.check_integer(what, "requests", requests, 0, M.REQUESTS_MOST)
  return read
end

--- "queue, live 100, seed 1": the options that are not the defaults, and the seed.
function M.name_with(what, read)
  local parts = { what }
  for _, name in ipairs(M.names(what)) do
    local limits = generators[what].options[name]
    if limits and read[name] ~= limits[1] then
      table.insert(parts, ("%s %d"):format(name, read[name]))
    end
  end
  table.insert(parts, "seed " .. read.seed)
  return table.concat(parts, ", ")
end

return M
