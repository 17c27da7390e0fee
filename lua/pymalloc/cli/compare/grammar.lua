-- The grammar of designs and sweeps on the command line:
--
--     [HEAD][,KEY=VALUE]...        3.11,pool=4K,release=never
--     KEY=VALUE,VALUE...           pool-bytes=4K,16K
--     KEY=FIRST..LAST              pool-bytes=4K..64K, which doubles
--
-- A value is a number, which may end in K, M or G; true or false; numbers joined by +, which
-- are an array; WORD:NUMBER, which is a table; or a word.

local numbers = require "pymalloc.cli.numbers"

local M = {}

local VALUES_MOST = 64 -- of one sweep

-- Keys that are shorter than the fields they stand for.
local fields = { pool = "pool_bytes", arena = "arena_bytes", retain = "retain_bytes" }

local read_size = numbers.size_reader("")

--- The kinds of designs, by their options: the field that the head is, whether the head may be
-- missing, and the head in words.
M.kinds = {
  geometry = { head = "profile", is_optional = true, form = "a profile" },
  policy = { head = "profile", is_optional = true, form = "a profile" },
  oracle = { head = "oracle", form = "the name of an oracle" },
  real = { head = "real", form = "the name of an allocator" },
}

local function field_of(key)
  local name = key:gsub("-", "_")
  return fields[name] or name
end

local function array_of(text)
  local list = {}
  for part in (text .. "+"):gmatch("([^+]*)%+") do
    local number = read_size(part)
    if not number then
      return nil
    end
    table.insert(list, number)
  end
  return list
end

-- The value that a text means.
local function value_of(text)
  local word, number = text:match("^(%a+):(%d+)$")
  if text == "true" or text == "false" then
    return text == "true"
  elseif word then
    return { [word] = math.tointeger(tonumber(number)) }
  elseif text:find("^[%dKMG]+%+") then
    return array_of(text) or text
  end
  return read_size(text) or text
end

local function parts_of(text)
  local parts = {}
  for part in (text .. ","):gmatch("([^,]*),") do
    table.insert(parts, part)
  end
  return parts
end

local function refuse(option, text, expected)
  return nil, ("option '--%s' takes %s, got '%s'"):format(option, expected, text)
end

-- The field and the value of one part of a design; nil if it has no such form.
local function read_part(kind, part, number)
  local key, value = part:match("^([%w_-]+)=(.+)$")
  if number == 1 and not key and part ~= "" then
    return kind.head, part
  elseif not key or number == 1 and not kind.is_optional then
    return nil
  end
  local field = field_of(key)
  return field, field == "name" and value or value_of(value)
end

--- Reads a design. Returns a table of fields; or nil and a message.
-- @param option geometry, policy, oracle or real
function M.design(option, text)
  local kind, design = M.kinds[option], {}
  for i, part in ipairs(parts_of(text)) do
    local field, value = read_part(kind, part, i)
    if not field then
      return refuse(option, text, kind.form .. " and KEY=VALUE, separated by commas")
    elseif design[field] ~= nil then
      return nil, ("option '--%s': '%s' gives %s twice"):format(option, text, field)
    end
    design[field] = value
  end
  return design
end

-- The numbers from one to another, each twice the one before it.
local function doubled(first, last)
  local list = {}
  while first > 0 and first <= last and #list < VALUES_MOST do
    table.insert(list, first)
    first = first << 1
  end
  return list
end

--- Reads a sweep. Returns its field and the array of its values; or nil and a message.
function M.sweep(text)
  local form = "KEY=FIRST..LAST, which doubles, or KEY=VALUE,VALUE..., like pool-bytes=4K..64K"
  local key, rest = text:match("^([%w_-]+)=(.+)$")
  if not key then
    return refuse("sweep", text, form)
  end
  local first, last = rest:match("^(.-)%.%.(.+)$")
  if first then
    first, last = read_size(first), read_size(last)
    local list = first and last and doubled(first, last)
    if not list or #list == 0 then
      return refuse("sweep", text, form)
    end
    return field_of(key), list
  end
  local list = {}
  for i, part in ipairs(parts_of(rest)) do
    list[i] = value_of(part)
    if part == "" then
      return refuse("sweep", text, form)
    end
  end
  return field_of(key), list
end

return M
