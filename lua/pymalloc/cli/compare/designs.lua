-- The designs that the options --geometry, --policy, --oracle, --real and --sweep give.

local experiment = require "pymalloc.experiment.designs"
local lab = require "pymalloc.lab"

local M = {}

-- The profiles that are compared where no design is given: the two layouts of CPython's allocator.
local DEFAULT, SWEPT_BY_DEFAULT = { "3.6", "3.11" }, "3.11"

local COMBINATIONS_MOST = 100000 -- of one design with sweeps

-- {=== Policies by the beginning of their names

-- The policy whose name begins with a word, in which "_" and "-" stand for blanks; the word if
-- there is none, or more than one that is not the word itself.
local function policy_of(list, word)
  local plain, found = word:gsub("[_-]", " "), nil
  for _, policy in ipairs(list) do
    if policy.name == plain then
      return plain
    elseif policy.name:sub(1, #plain) == plain then
      found = found == nil and policy.name or false
    end
  end
  return found or plain
end

local function with_policies(fields)
  local whole = {}
  for name, value in pairs(fields) do
    local list = type(value) == "string" and lab.policies()[name]
    whole[name] = list and policy_of(list, value) or value
  end
  return whole
end

-- {=== One design

-- The design of an experiment that the fields of an option give.
local function given_of(option, fields)
  if option == "policy" then
    local policies = with_policies(fields)
    local name = policies.name
    policies.name = nil
    return { lab = policies, name = name }
  elseif option == "real" and fields.timeout then
    fields.timeout = tonumber(fields.timeout)
  end
  return fields
end

-- A message of the library in the words of the command line.
local function in_options(message)
  return (message:gsub("^.-pymalloc: ", ""):gsub("^experiment: ", ""))
end

-- Is there such a design? Returns true; or false and a message.
local function check(given)
  local ok, message = pcall(experiment.read, given)
  return ok, not ok and in_options(tostring(message)) or nil
end

-- {=== Sweeps

-- Calls use(fields) with the fields and one value of each sweep, for all combinations.
local function each_combination(sweeps, fields, use, number)
  local sweep = sweeps[number]
  if not sweep then
    return use(fields)
  end
  for _, value in ipairs(sweep.values) do
    local more = {}
    for name, known in pairs(fields) do
      more[name] = known
    end
    more[sweep.field] = value
    each_combination(sweeps, more, use, number + 1)
  end
end

local function combinations(sweeps)
  local count = 1
  for _, sweep in ipairs(sweeps) do
    count = count * #sweep.values
    if count > COMBINATIONS_MOST then
      return math.huge
    end
  end
  return count
end

-- Adds the combinations of sweeps with a design. Returns the number of those that cannot be; or
-- nil and a message if none can be.
local function add_swept(list, design, sweeps)
  if combinations(sweeps) > COMBINATIONS_MOST then
    return nil, ("there are more than %d combinations"):format(COMBINATIONS_MOST)
  end
  local left_out, added, first_problem = 0, 0, nil
  each_combination(sweeps, design.fields, function(fields)
    local given = given_of(design.option, fields)
    local ok, problem = check(given)
    if ok then
      table.insert(list, given)
      added = added + 1
    else
      left_out, first_problem = left_out + 1, first_problem or problem
    end
  end, 1)
  if added == 0 then
    return nil, first_problem
  end
  return left_out
end

local function is_swept(design)
  return design.option == "geometry" or design.option == "policy"
end

-- The designs that the options name, or the default.
local function named(arguments, sweeps)
  local list = arguments.designs or {}
  local has_swept = false
  for _, design in ipairs(list) do
    has_swept = has_swept or is_swept(design)
  end
  if has_swept or #list > 0 and #sweeps == 0 then
    return list
  end
  list = table.move(list, 1, #list, 1, {})
  for i, profile in ipairs(#sweeps > 0 and { SWEPT_BY_DEFAULT } or DEFAULT) do
    table.insert(list, i, { option = "geometry", fields = { profile = profile },
      text = profile })
  end
  return list
end

-- Adds a design. Returns the number of combinations that cannot be; or nil and a message.
local function add(list, design, sweeps)
  if is_swept(design) and #sweeps > 0 then
    return add_swept(list, design, sweeps)
  end
  local given = given_of(design.option, design.fields)
  local ok, message = check(given)
  table.insert(list, given)
  return ok and 0 or nil, message
end

--- The designs that the options give, and the number of combinations left out because no
-- allocator can have them; or nil and a message.
function M.read(arguments)
  local sweeps = arguments.sweeps or {}
  local list, left_out = {}, 0
  for _, design in ipairs(named(arguments, sweeps)) do
    local count, problem = add(list, design, sweeps)
    if not count then
      return nil, ("option '--%s %s'%s: %s"):format(design.option, design.text,
        is_swept(design) and #sweeps > 0 and " with --sweep" or "", problem)
    end
    left_out = left_out + count
  end
  local ok, message = pcall(experiment.read_all, list)
  if not ok then
    return nil, in_options(tostring(message))
  end
  return list, left_out
end

return M
