-- The parameters of designs, from their names: "3.6, pool_bytes 16384" is the profile 3.6 with
-- one changed field. A field that a name does not have has the value of the profile.

local core = require "pymalloc.core"

local M = {}

local PROFILE = "profile"

-- The fields of a name in order, and the text before them.
local function read(name)
  local base, fields, order = nil, {}, {}
  for piece in (name .. ", "):gmatch("(.-), ") do
    local field, value = piece:match("^([%l_]+) (.+)$")
    if field and base then
      fields[field] = math.tointeger(tonumber(value)) or tonumber(value) or value
      table.insert(order, field)
    elseif base then
      base = base .. ", " .. piece
    else
      base = piece
    end
  end
  return base, fields, order
end

local function default_of(base, field)
  local ok, heap = pcall(core.heap, { profile = base })
  if not ok or not heap then
    return nil
  end
  local value = heap.geometry[field]
  heap:close()
  return value
end

-- Adds a field to the list of parameters unless it is there.
local function add(list, field)
  for _, known in ipairs(list) do
    if known == field then
      return
    end
  end
  table.insert(list, field)
end

--- The parameters in which designs differ, in order, and the values of each design: tables by
-- the name of the parameter.
-- @tparam string[] names of designs
function M.read(names)
  local values, all = {}, { PROFILE }
  for i, name in ipairs(names) do
    local base, fields, order = read(name)
    fields[PROFILE] = base
    values[i] = fields
    for _, field in ipairs(order) do
      add(all, field)
    end
  end
  local differing = {}
  for _, field in ipairs(all) do
    local seen, count = {}, 0
    for _, fields in ipairs(values) do
      if fields[field] == nil then
        fields[field] = default_of(fields[PROFILE], field)
      end
      local key = tostring(fields[field])
      count = count + (seen[key] and 0 or 1)
      seen[key] = true
    end
    if count > 1 then
      table.insert(differing, field)
    end
  end
  return differing, values
end

--- The unit of a parameter.
function M.unit(name)
  return name:find("_bytes$") and "bytes" or ""
end

return M
