-- Designs of the simulator: what a script gives is checked, completed from a profile, and
-- becomes the table that the core reads.

local check = require "pymalloc.check"
local core = require "pymalloc.core"

local M = {}

local DEFAULT_PROFILE = "3.11"
local CLASSES_MAX = 1024
local policies = core.lab.policies()

-- The fields of a design that are numbers, with their bounds.
local numbers = {
  { "threshold", 1, 65536 },
  { "arena_bytes", 1, 1 << 40 },
  { "arena_offset", 0, 1 << 40 },
  { "header", 0, 1 << 20 },
  { "cache", 0, 1 << 20 },
  { "seed", 0, math.maxinteger },
}

-- The policies: whether a function may be given, and what CPython does.
local kinds = {
  { "next_block", true, "last in, first out" },
  { "next_pool", true, "front of the ring" },
  { "next_arena", true, "fullest" },
  { "carving", false, "lazy" },
  { "release", true },
}

local allowed = { "profile", "alignment", "classes", "threshold", "pool_bytes", "arena_bytes",
  "arena_offset", "header", "next_block", "next_pool", "next_arena", "carving", "release", "cache",
  "seed", "name" }

local function refuse(format, ...)
  check.refuse("lab", format, ...)
end

-- The integer that the value is equal to: 48.0 is one.
local function check_integer(name, value, least, most)
  local whole = math.type(value) and math.tointeger(value)
  return check.integer("lab", name, whole or value, least, most)
end

local function check_fields(given)
  check.keys("lab", "field", given, allowed)
  if given.name ~= nil and type(given.name) ~= "string" then
    refuse("name must be a string, got %s", core.describe(given.name))
  end
end

-- {=== Classes

-- Block sizes that are `step` bytes apart.
local function linear(step, threshold)
  local classes = {}
  for size = step, threshold + step - 1, step do
    table.insert(classes, size)
  end
  return classes
end

-- `count` block sizes from each power of two to the next, each a multiple of `alignment`.
local function doubling(count, alignment, threshold)
  local classes, last, base = {}, 0, alignment
  while last < threshold do
    for i = 0, count - 1 do
      local size = base + base * i // count
      size = (size + alignment - 1) // alignment * alignment
      if size > last and last < threshold then
        table.insert(classes, size)
        last = size
      end
    end
    base = 2 * base
  end
  return classes
end

local function check_list(list)
  local classes = {}
  for i, size in ipairs(list) do
    if i > CLASSES_MAX then
      refuse("classes must have at most %d elements, got at least %d", CLASSES_MAX, i)
    end
    classes[i] = check_integer(("classes[%d]"):format(i), size, 1, 1 << 20)
  end
  if #classes == 0 then
    refuse("classes must be an array of block sizes, { step = bytes }, { doubling = count } or a "
      .. "function, got a table without an element")
  end
  return classes
end

-- The sizes that a function returns for the requests of each size.
local function sizes_of(choose, threshold)
  local sizes = {}
  for bytes = 1, threshold do
    local size = choose(bytes)
    sizes[bytes] = check_integer(("classes(%d)"):format(bytes), size, bytes, 1 << 20)
  end
  return sizes
end

-- The block sizes that a function of the size of a request returns. A request gets the least
-- of them that holds it; so the function must return that one.
local function chosen(choose, threshold)
  local sizes, is_class, classes = sizes_of(choose, threshold), {}, {}
  for _, size in ipairs(sizes) do
    if not is_class[size] then
      is_class[size] = true
      table.insert(classes, size)
    end
  end
  table.sort(classes)
  local number = 1
  for bytes, size in ipairs(sizes) do
    number = classes[number] < bytes and number + 1 or number
    if size ~= classes[number] then
      refuse("classes(%d) is %d, but the class of %d bytes holds it", bytes, size, classes[number])
    end
  end
  return classes
end

-- The block sizes, and how a name calls them if they are not those of the profile.
local function classes_of(given, alignment, threshold)
  local classes = given.classes
  if classes == nil then
    return linear(alignment, threshold)
  elseif type(classes) == "function" then
    return chosen(classes, threshold), "a function"
  elseif type(classes) ~= "table" then
    refuse("classes must be a table or a function, got %s", core.describe(classes))
  elseif classes.step ~= nil then
    local step = check_integer("classes.step", classes.step, 1, 65536)
    return linear(step, threshold), ("step %d"):format(step)
  elseif classes.doubling ~= nil then
    local count = check_integer("classes.doubling", classes.doubling, 1, 64)
    return doubling(count, alignment, threshold), ("%d a doubling"):format(count)
  end
  local list = check_list(classes)
  return list, ("%d from %d to %d"):format(#list, list[1], list[#list])
end

-- The pool size of class number `i`, of blocks of `size` bytes, and its name in a message.
local function pool_bytes_of_class(wanted, i, size)
  if type(wanted) == "function" then
    return wanted(size), ("pool_bytes(%d)"):format(size)
  elseif type(wanted) == "table" then
    return wanted[i], ("pool_bytes[%d]"):format(i)
  end
  return wanted, "pool_bytes"
end

-- The pool size of each class, and the text that a design's name has for them: nil if they are
-- the profile's.
local function pool_bytes_of(given, classes, usual)
  local wanted, list = given.pool_bytes, {}
  for i, size in ipairs(classes) do
    local bytes, name = usual, "pool_bytes"
    if wanted ~= nil then
      bytes, name = pool_bytes_of_class(wanted, i, size)
    end
    list[i] = check_integer(name, bytes, 1, 1 << 20)
  end
  local is_one = wanted == nil or math.type(wanted)
  return list, wanted ~= nil and (is_one and tostring(list[1]) or "of each class") or nil
end

-- {=== Policies

local function names_of(kind)
  local names = {}
  for i, policy in ipairs(policies[kind]) do
    names[i] = "'" .. policy.name .. "'"
  end
  return table.concat(names, ", ")
end

-- The policy that a word names: all of its name, or its beginning if no other begins so.
-- Blanks may be "_" or "-".
local function find(kind, word)
  local wanted, found = word:lower():gsub("[_-]", " "), nil
  for _, policy in ipairs(policies[kind]) do
    if policy.name == wanted then
      return policy.name
    elseif policy.name:sub(1, #wanted) == wanted and wanted ~= "" then
      if found then
        return nil
      end
      found = policy.name
    end
  end
  return found
end

-- "keep 3" and "after 1000" have a number.
local function split_release(word)
  local name, number = word:match("^(%a+)[ _-](%d+)$")
  if name == "keep" or name == "after" then
    return name, tonumber(number)
  end
  return word
end

-- The word for a policy: of "keep 3" it is "keep", and the number is set in the design.
local function word_of(design, kind, wanted)
  if kind ~= "release" or type(wanted) ~= "string" then
    return wanted
  end
  local word, number = split_release(wanted)
  if number then
    design[word] = check_integer("release: " .. word, number, 0, math.maxinteger)
  end
  return word
end

-- The name of the policy that was given; another value is an error.
local function find_policy(kind, takes_function, wanted, word)
  local found = type(word) == "string" and find(kind, word)
  if not found then
    refuse("%s must be one of %s%s, got %s", kind, names_of(kind),
      takes_function and " or a function" or "", check.quote(wanted))
  end
  return found
end

-- Sets a policy of the design from its name or a function. Returns how a name calls it; nil if
-- it is that of the profile.
local function set_policy(design, kind, given)
  local name, takes_function, usual = kind[1], kind[2], kind[3] or design.release
  local wanted = given[name]
  if wanted == nil then
    design[name] = usual
    return nil
  elseif takes_function and type(wanted) == "function" then
    design[name], design.functions[name] = "asked", wanted
    return "a function"
  end
  local found = find_policy(name, takes_function, wanted, word_of(design, name, wanted))
  design[name] = found
  if found == "keep" or found == "after" then
    return ("%s %d"):format(found, design[found])
  end
  return found ~= usual and found or nil
end

-- {=== The design

local releases = { at_once = "at once", keep_last = "keep the last", never = "never" }

-- The geometry of the profile, with the alignment that is given.
local function geometry_of(given)
  local profile = given.profile == nil and DEFAULT_PROFILE or given.profile
  if type(profile) ~= "string" then
    refuse("profile must be a string, got %s", core.describe(profile))
  end
  local ok, heap = pcall(core.heap, { profile = profile })
  if not ok then
    error(heap, 0)
  end
  local geometry = heap.geometry
  heap:close()
  return profile, geometry
end

-- The fields that are numbers; those that are given are in the name.
local function set_numbers(design, given, parts)
  for _, field in ipairs(numbers) do
    local name, least, most = table.unpack(field)
    if given[name] ~= nil then
      local value = check_integer(name, given[name], least, most)
      if value ~= design[name] then
        table.insert(parts, ("%s %d"):format(name, value))
      end
      design[name] = value
    end
  end
end

--- Makes the design of a table that a script gives.
-- @return the design, with the fields that core.lab.simulate reads, and name and functions
function M.read(given)
  if type(given) == "string" then
    given = { profile = given }
  elseif type(given) ~= "table" then
    refuse("a design must be the name of a profile or a table, got %s", core.describe(given))
  end
  check_fields(given)
  local profile, geometry = geometry_of(given)
  local parts = { profile }
  local design = { threshold = geometry.threshold, arena_bytes = geometry.arena_bytes,
    arena_offset = geometry.arena_offset, header = geometry.header_bytes, cache = 0, seed = 0,
    keep = 0, after = 0, release = releases[geometry.release], functions = {} }
  local alignment = given.alignment == nil and geometry.alignment
    or check_integer("alignment", given.alignment, 1, 65536)
  if alignment ~= geometry.alignment then
    table.insert(parts, "alignment " .. alignment)
  end
  set_numbers(design, given, parts)
  local how
  design.classes, how = classes_of(given, alignment, design.threshold)
  parts[#parts + 1] = how and "classes " .. how
  design.pool_bytes, how = pool_bytes_of(given, design.classes, geometry.pool_bytes)
  if how and how ~= tostring(geometry.pool_bytes) then
    table.insert(parts, "pool_bytes " .. how)
  end
  for _, kind in ipairs(kinds) do
    how = set_policy(design, kind, given)
    parts[#parts + 1] = how and kind[1] .. " " .. how
  end
  design.name = given.name or table.concat(parts, ", ")
  return design
end

M.policies = policies

return M
