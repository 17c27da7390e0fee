-- The options of view.svg: width, scale, theme, title, columns, highlight, before, after, block.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local plot_check = require "pymalloc.plot.check"

local M = {}

local refuse = check.refuse
local COLUMNS_MOST = 256
local ANATOMY_LEAST = 720 -- the width in which its parts fit side by side

local everywhere = { "width", "scale", "theme", "title" }

-- The options that a picture of each kind has besides those.
local further = {
  Heap = { "columns", "highlight", "block", "before", "after" },
  Arena = { "columns", "highlight" },
  Pool = { "highlight", "block" },
  Buffer = {},
  Run = { "columns", "highlight" },
  Diff = { "columns" },
  Anatomy = { "highlight" },
}

local function allowed_for(kind)
  local list = table.move(everywhere, 1, #everywhere, 1, {})
  return table.move(further[kind], 1, #further[kind], #list + 1, list)
end

-- {=== Places

-- The numbers of a place that is written "0", "0:4096" or "0:4096:48".
local function of_text(written)
  local numbers = {}
  for part in (written .. ":"):gmatch("([^:]*):") do
    local number = part:find("^%d+$") and math.tointeger(tonumber(part))
    if not number or #numbers == 3 then
      return nil
    end
    table.insert(numbers, number)
  end
  return { arena = numbers[1], pool = numbers[2], block = numbers[3] }
end

local function whole(number)
  return number == nil or math.type(number) == "integer" and number >= 0
end

-- The place of a view, of a buffer, or of a table with the fields arena, pool and block.
local function of_object(x)
  local kind = core.kind(x)
  if kind == "Arena" then
    return { arena = x.index }
  elseif kind == "Pool" then
    return { arena = x.arena, pool = x.offset }
  elseif kind == "Buffer" then
    x = x:location()
  end
  local place = x and { arena = x.arena, pool = x.pool, block = x.block or x.offset }
  if place and place.arena and whole(place.arena) and whole(place.pool) and whole(place.block) then
    return place
  end
end

local function place_of(what, option, x)
  local place
  if type(x) == "string" then
    place = of_text(x)
  elseif math.type(x) == "integer" and x >= 0 then
    place = { arena = x }
  elseif type(x) == "table" or type(x) == "userdata" then
    local ok, found = pcall(of_object, x)
    place = ok and found or nil
  end
  return place or refuse(what, "%s must be a place such as '0:4096:48', or a block, pool or arena "
    .. "of a heap%s, got %s", option, option == "highlight" and ", or an array of them" or "",
    check.quote(x))
end

--- The pool of a heap in which the place of a block is, and the block's offset in it.
function M.block_at(what, heap, x)
  local place = place_of(what, "block", x)
  if not place.block then
    refuse(what, "block must be the place of a block, got %s", check.quote(x))
  end
  local ok, pool = pcall(function() return heap:arena(place.arena):pool(place.pool) end)
  if not ok then
    refuse(what, "block must be in a pool of the heap: there is no pool %d:%d", place.arena,
      place.pool)
  end
  return pool, place.block
end

-- Sets of the places as text: arenas, pools, and blocks.
local function marks_of(what, given)
  local marks = { arenas = {}, pools = {}, blocks = {} }
  if given == nil then
    return marks
  end
  local is_array = type(given) == "table" and debug.getmetatable(given) == nil and #given > 0
  for _, element in ipairs(is_array and given or { given }) do
    M.add(marks, place_of(what, "highlight", element))
  end
  return marks
end

--- Adds a place, and what it is in, to the sets of marks.
function M.add(marks, place)
  if place.arena then
    marks.arenas[place.arena] = true
  end
  if place.pool then
    marks.pools[("%d:%d"):format(place.arena, place.pool)] = true
  end
  if place.block then
    marks.blocks[("%d:%d:%d"):format(place.arena, place.pool, place.block)] = true
  end
end

-- {=== All options

--- The options of a picture of that kind, checked; `what` is the function that was called.
function M.check(what, kind, given)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    refuse(what, "options must be a table, got %s", core.describe(given))
  end
  check.keys(what, "option", given, allowed_for(kind))
  local look = plot_check.size(what, { width = given.width, scale = given.scale,
    theme = given.theme }, {})
  if kind == "Anatomy" then
    check.integer(what, "width", look.width, ANATOMY_LEAST, 4000)
  end
  look.title = plot_check.text(what, "title", given.title, "")
  look.columns = given.columns ~= nil
    and check.integer(what, "columns", given.columns, 1, COLUMNS_MOST) or nil
  look.marks = marks_of(what, given.highlight)
  look.before, look.after, look.block = given.before, given.after, given.block
  if look.before ~= nil and look.after ~= nil then
    refuse(what, "before and after cannot be combined: x is the other of the two")
  end
  return look
end

return M
